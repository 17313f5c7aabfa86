import { createHash } from 'node:crypto';
import { sm2, sm3 } from 'sm-crypto-v2';

/**
 * SM2 keys as PEM: PKCS #8 and SubjectPublicKeyInfo with the curve 1.2.156.10197.1.301, as OpenSSL
 * writes them. Both have one form of fixed length, so that their frames are constants; Node itself
 * does not read them on every version.
 */
const PRIVATE_START = '308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420';
const PRIVATE_MIDDLE = 'a144034200';
const PUBLIC_START = '3059301306072a8648ce3d020106082a811ccf5501822d034200';

/** A key pair in hex, the public key as an uncompressed point. */
export interface Sm2KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** The bytes of the first PEM block of a label, in hex; undefined when there is none. */
function blockOf(pem: string, label: string): string | undefined {
  const [, body] =
    new RegExp(`-----BEGIN ${label}-----([^-]+)-----END ${label}-----`).exec(pem) ?? [];
  return body === undefined ? undefined : Buffer.from(body, 'base64').toString('hex');
}

function toPem(label: string, hex: string): string {
  const lines =
    Buffer.from(hex, 'hex')
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** A new key pair. */
export function generateSm2(): Sm2KeyPair {
  return sm2.generateKeyPairHex();
}

/** The private key as PKCS #8 PEM. */
export function sm2PrivatePem({ privateKey, publicKey }: Sm2KeyPair): string {
  return toPem('PRIVATE KEY', PRIVATE_START + privateKey + PRIVATE_MIDDLE + publicKey);
}

/** The public key as SubjectPublicKeyInfo PEM. */
export function sm2PublicPem(publicKey: string): string {
  return toPem('PUBLIC KEY', PUBLIC_START + publicKey);
}

/** Reads a private key; undefined when the PEM holds no SM2 key in PKCS #8. */
export function readSm2Private(pem: string): Sm2KeyPair | undefined {
  const hex = blockOf(pem, 'PRIVATE KEY');
  if (!hex?.startsWith(PRIVATE_START)) return undefined;
  const privateKey = hex.slice(PRIVATE_START.length, PRIVATE_START.length + 64);
  return { privateKey, publicKey: sm2.getPublicKeyFromPrivateKey(privateKey) };
}

/** Reads a public key; undefined when the PEM holds no SM2 key. */
export function readSm2Public(pem: string): string | undefined {
  const hex = blockOf(pem, 'PUBLIC KEY');
  if (!hex?.startsWith(PUBLIC_START)) return undefined;
  const point = hex.slice(PUBLIC_START.length);
  return sm2.verifyPublicKey(point) ? point : undefined;
}

const OPTIONS = { hash: true, der: true } as const;

/** Signs with SM3, as DER. About 0.7 ms. */
export function signSm2(bytes: Uint8Array, { privateKey, publicKey }: Sm2KeyPair): Uint8Array {
  return Buffer.from(sm2.doSignature(bytes, privateKey, { ...OPTIONS, publicKey }), 'hex');
}

/** Verifies a DER signature; what is no signature at all is a wrong one. About 5 ms. */
export function verifySm2(bytes: Uint8Array, signature: Uint8Array, publicKey: string): boolean {
  try {
    return sm2.doVerifySignature(bytes, Buffer.from(signature).toString('hex'), publicKey, OPTIONS);
  } catch {
    return false;
  }
}

/** SM3. */
export function hashSm3(bytes: Uint8Array): Uint8Array {
  return Buffer.from(sm3(bytes), 'hex');
}

/** SHA-256. */
export function hashSha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
