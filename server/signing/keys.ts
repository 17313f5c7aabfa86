import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { SignatureAlgorithm } from '#gen/zhengzhao/v1/common_pb.js';
import type { Hash } from '../domain/proof/merkle.js';
import {
  generateSm2,
  hashSha256,
  hashSm3,
  readSm2Private,
  readSm2Public,
  signSm2,
  sm2PrivatePem,
  sm2PublicPem,
  verifySm2,
} from './sm2.js';

/** Names of the algorithms, as HUB_SIGNING_ALGORITHM and key ids write them. */
export type AlgorithmName = 'ed25519' | 'sm2';

/** A key that verifies receipts. */
export interface VerifyingKey {
  readonly keyId: string;
  readonly algorithm: SignatureAlgorithm;
  /** SubjectPublicKeyInfo. */
  readonly publicPem: string;
  readonly hash: Hash;
  verify(bytes: Uint8Array, signature: Uint8Array): boolean;
}

/** The key with which a node signs its receipts. */
export interface SigningKey extends VerifyingKey {
  readonly name: AlgorithmName;
  sign(bytes: Uint8Array): Uint8Array;
}

function keyIdOf(name: AlgorithmName, publicPem: string): string {
  const der = Buffer.from(publicPem.replace(/-----[^-]+-----/g, ''), 'base64');
  return `${name}-${Buffer.from(hashSha256(der)).toString('hex').slice(0, 16)}`;
}

/** Makes a private key, as PKCS #8 PEM. */
export function generatePrivatePem(name: AlgorithmName): string {
  if (name === 'sm2') return sm2PrivatePem(generateSm2());
  return generateKeyPairSync('ed25519').privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
}

/** Reads a private key, Ed25519 or SM2 in PKCS #8; undefined when the PEM holds neither. */
export function readSigningKey(pem: string): SigningKey | undefined {
  const sm2 = readSm2Private(pem);
  if (sm2) {
    const key = sm2Verifying(sm2.publicKey);
    return { ...key, name: 'sm2', sign: (bytes) => signSm2(bytes, sm2) };
  }
  const ed25519 = ed25519From(() => createPrivateKey(pem));
  if (!ed25519) return undefined;
  const key = ed25519Verifying(createPublicKey(ed25519));
  return { ...key, name: 'ed25519', sign: (bytes) => sign(null, bytes, ed25519) };
}

/** Reads every public key in a text of PEM blocks; others are passed over. */
export function readVerifyingKeys(text: string): VerifyingKey[] {
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? [];
  return blocks.flatMap((pem) => {
    const point = readSm2Public(pem);
    if (point !== undefined) return [sm2Verifying(point)];
    const ed25519 = ed25519From(() => createPublicKey(pem));
    return ed25519 ? [ed25519Verifying(ed25519)] : [];
  });
}

function ed25519From(read: () => KeyObject): KeyObject | undefined {
  try {
    const key = read();
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

function ed25519Verifying(key: KeyObject): VerifyingKey {
  const publicPem = key.export({ type: 'spki', format: 'pem' }) as string;
  return {
    keyId: keyIdOf('ed25519', publicPem),
    algorithm: SignatureAlgorithm.ED25519,
    publicPem,
    hash: hashSha256,
    verify: (bytes, signature) => verify(null, bytes, key, signature),
  };
}

function sm2Verifying(point: string): VerifyingKey {
  const publicPem = sm2PublicPem(point);
  return {
    keyId: keyIdOf('sm2', publicPem),
    algorithm: SignatureAlgorithm.SM2,
    publicPem,
    hash: hashSm3,
    verify: (bytes, signature) => verifySm2(bytes, signature, point),
  };
}
