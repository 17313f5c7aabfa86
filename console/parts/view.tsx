import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Asked } from '../hub/asking.js';
import { addressOf, go, type View } from '../route.js';
import { useWords } from '../words/language.js';
import { valuesOf } from './fields.js';

interface ViewPageProps {
  readonly view: View;
  readonly lead: string;
  readonly children: ComponentChildren;
}

/** A view with its heading, which has the focus when one comes from another view. */
export function ViewPage({ view, lead, children }: ViewPageProps) {
  const words = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  const title = words.views[view];
  useEffect(() => {
    document.title = `${title} · ${words.product}`;
  }, [title, words]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), [view]);
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      <p class="lead">{lead}</p>
      {children}
    </>
  );
}

interface FiltersProps {
  readonly view: View;
  /** What the address asks for now. */
  readonly asked: Readonly<Record<string, string>>;
  /** Asks once more when nothing was changed. Unset: nothing was asked yet. */
  readonly again?: () => void;
  readonly children: ComponentChildren;
}

/** What is asked for, kept in the address, so that it can be gone back to and passed on. */
export function Filters({ view, asked, again, children }: FiltersProps) {
  const words = useWords();
  const form = useRef<HTMLFormElement>(null);
  const key = JSON.stringify(asked);
  // The fields follow the address, and the one that has the focus keeps it.
  useEffect(() => form.current?.reset(), [key]);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const values = valuesOf(event.currentTarget as HTMLFormElement);
    if (addressOf(view, values) === location.hash) again?.();
    else go(view, values);
  };
  return (
    <form ref={form} class="filters" onSubmit={submit} role="search">
      {children}
      <button type="submit" class="main">
        {words.show}
      </button>
    </form>
  );
}

/** Asks again for what is shown. */
export function Refresh({ of: { again, pending } }: { of: Asked<unknown> }) {
  const words = useWords();
  return (
    <button type="button" onClick={again} aria-disabled={pending}>
      {words.refresh}
    </button>
  );
}

/** What an act brought about; it takes the focus, as what was acted on may be gone. */
export function Notice({ text }: { text: string }) {
  const notice = useRef<HTMLParagraphElement>(null);
  useEffect(() => notice.current?.focus(), [text]);
  return text === '' ? null : (
    <p ref={notice} class="notice" role="status" tabIndex={-1}>
      {text}
    </p>
  );
}

interface SectionProps {
  readonly title: string;
  readonly about?: string;
  readonly children: ComponentChildren;
}

/** A part of a view. */
export function Section({ title, about, children }: SectionProps) {
  return (
    <section>
      <h2>{title}</h2>
      {about && <p class="faint">{about}</p>}
      {children}
    </section>
  );
}
