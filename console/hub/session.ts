const TOKEN = 'hub.token';
const OPERATOR = 'hub.operator';

/**
 * The token of this tab; undefined: not signed in, empty: signed in without one. It is nowhere but in
 * the tab's own storage, which ends with the tab.
 */
export function readToken(): string | undefined {
  return sessionStorage.getItem(TOKEN) ?? undefined;
}

export function keepToken(token: string): void {
  sessionStorage.setItem(TOKEN, token);
}

/** Forgets who signed in and who acted, and closes the pages with the queues. */
export function endSession(): void {
  sessionStorage.removeItem(TOKEN);
  sessionStorage.removeItem(OPERATOR);
  // The page may be gone before the answer, which changes nothing: the cookie ends with the browser.
  fetch(QUEUE_SESSION, { method: 'DELETE', keepalive: true }).catch(() => undefined);
}

/** The pages with the node's queues, beside this one. */
const QUEUE_PAGES = 'queues/';
const QUEUE_SESSION = `${QUEUE_PAGES}session`;

/**
 * Goes to the pages with the node's queues, to which a browser shows no token: a cookie for these pages
 * alone carries it. Throws when the node is against it.
 */
export async function openQueues(token: string): Promise<void> {
  const headers: HeadersInit = token === '' ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(QUEUE_SESSION, { method: 'POST', headers });
  if (!answer.ok) throw new Error(await answer.text());
  location.assign(QUEUE_PAGES);
}

/** Who said to act last in this tab, so that nobody types a name twice. */
export function readOperator(): string {
  return sessionStorage.getItem(OPERATOR) ?? '';
}

export function keepOperator(name: string): void {
  sessionStorage.setItem(OPERATOR, name);
}
