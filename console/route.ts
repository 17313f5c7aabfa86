import { useEffect, useState } from 'preact/hooks';

/** The views of the console, in the order of the menu. */
export const VIEWS = [
  'status',
  'message',
  'deliveries',
  'worklist',
  'packages',
  'catalogue',
  'releases',
  'report',
  'reconcile',
  'audit',
] as const;

/** What there is to look at. */
export type View = (typeof VIEWS)[number];

/** Where in the console somebody is: `#/view?name=value`. */
export interface Route {
  readonly view: View;
  /** What the view was asked to show; nothing secret. */
  readonly asked: Readonly<Record<string, string>>;
}

/** The address of a view. Empty values are left out. */
export function addressOf(view: View, asked: Readonly<Record<string, string>> = {}): string {
  const stated = Object.entries(asked).filter(([, value]) => value !== '');
  const query = new URLSearchParams(stated).toString();
  return `#/${view}${query === '' ? '' : `?${query}`}`;
}

/** Goes there, as a link would. */
export function go(view: View, asked: Readonly<Record<string, string>> = {}): void {
  location.hash = addressOf(view, asked);
}

function readRoute(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  const view = VIEWS.find((one) => one === path) ?? 'status';
  return { view, asked: Object.fromEntries(new URLSearchParams(query)) };
}

/** Where the address bar says that one is. */
export function useRoute(): Route {
  const [route, setRoute] = useState(readRoute);
  useEffect(() => {
    const follow = (): void => setRoute(readRoute());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}
