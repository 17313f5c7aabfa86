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

/** Forgets who signed in and who acted. */
export function endSession(): void {
  sessionStorage.removeItem(TOKEN);
  sessionStorage.removeItem(OPERATOR);
}

/** Who said to act last in this tab, so that nobody types a name twice. */
export function readOperator(): string {
  return sessionStorage.getItem(OPERATOR) ?? '';
}

export function keepOperator(name: string): void {
  sessionStorage.setItem(OPERATOR, name);
}
