import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** How a token begins, so that one that was left lying about is recognised. */
const PREFIX = 'zzh_';
const SECRET_BYTES = 32;
const CHECK_LENGTH = 8;
const FORM = new RegExp(`^${PREFIX}([0-9a-f]{${SECRET_BYTES * 2}})([0-9a-f]{${CHECK_LENGTH}})$`);

/** A new token: `zzh_`, 256 random bits and a checksum, in hex. */
export function makeToken(): string {
  const secret = randomBytes(SECRET_BYTES).toString('hex');
  return `${PREFIX}${secret}${checksum(secret)}`;
}

/** Whether a text can be a token at all; a slip of the keyboard is found without asking anybody. */
export function isTokenForm(text: string): boolean {
  const [, secret, check] = FORM.exec(text) ?? [];
  return secret !== undefined && check === checksum(secret);
}

/** What is stored of a token. Of 256 random bits a plain SHA-256 is enough. */
export function hashOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Whether two hashes are the same, in a time that does not tell where they differ. */
export function isSameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function checksum(secret: string): string {
  return createHash('sha256').update(`${PREFIX}${secret}`).digest('hex').slice(0, CHECK_LENGTH);
}
