/**
 * The embedded PostgreSQL could not be started or removed. The operator reads the message, so it
 * is Chinese first, then English; `cause` keeps the underlying error where there is one.
 */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';

  constructor(chinese: string, english: string, options?: ErrorOptions) {
    super(`${chinese} · ${english}`, options);
  }
}
