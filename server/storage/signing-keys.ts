import type { SignatureAlgorithm } from '#gen/zhengzhao/v1/common_pb.js';
import { query, type Db } from './database.js';

/** A public key of the node, for receipts. */
export interface StoredSigningKey {
  readonly keyId: string;
  readonly algorithm: SignatureAlgorithm;
  /** SubjectPublicKeyInfo. */
  readonly publicPem: string;
  readonly usedSince: Date;
}

/** Every key that ever signed receipts of the node, newest first. */
export async function listSigningKeys(db: Db): Promise<StoredSigningKey[]> {
  const { rows } = await query<StoredSigningKey>(
    db,
    `select key_id as "keyId", algorithm, public_pem as "publicPem", used_since as "usedSince"
       from signing_keys order by id desc`,
  );
  return rows;
}

/** Lets the processes that start on one database look at the keys and register theirs in turn. */
export async function lockSigningKeys(db: Db): Promise<void> {
  await query(db, 'lock table signing_keys in share row exclusive mode');
}

/** Registers a key as the newest. */
export async function insertSigningKey(
  db: Db,
  key: Omit<StoredSigningKey, 'usedSince'>,
): Promise<void> {
  await query(db, 'insert into signing_keys (key_id, algorithm, public_pem) values (?, ?, ?)', [
    key.keyId,
    key.algorithm,
    key.publicPem,
  ]);
}
