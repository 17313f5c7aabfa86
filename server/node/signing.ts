import { readFile, stat } from 'node:fs/promises';
import type { Knex } from 'knex';
import type { Config } from '../config.js';
import { administered } from '../domain/audit/administration.js';
import { requirePrivate } from '../private-file.js';
import { keyFileOf, makeKeyFile, readKeyFile } from '../signing/key-file.js';
import { readSigningKey, type SigningKey } from '../signing/keys.js';
import { appendAudit } from '../storage/audit.js';
import {
  insertSigningKey,
  listSigningKeys,
  lockSigningKeys,
  type StoredSigningKey,
} from '../storage/signing-keys.js';
import { StartError } from './patience.js';

/**
 * The key with which receipts are signed: of HUB_SIGNING_KEY, or of the data directory, made there
 * at the first start. Its public half is registered in the database and stays there, so that old
 * receipts can be verified after a change. All processes on one database sign with one key: a key
 * is only replaced by naming the new one in HUB_SIGNING_KEY, never by a process that has another
 * data directory, and not by one that was left behind with the old key. Throws StartError, and
 * ExposedFileError for a key that others may read.
 */
export async function openSigningKey(config: Config, knex: Knex): Promise<SigningKey> {
  return knex.transaction(async (trx) => {
    await lockSigningKeys(trx);
    const [current, ...retired] = await listSigningKeys(trx);
    const key = await readKey(config, current);
    if (key.keyId === current?.keyId) return key;
    if (retired.some((one) => one.keyId === key.keyId)) throw retiredKey(key, current);
    if (current && config.signingKey === '' && current.algorithm === key.algorithm)
      throw otherKey(config, current);
    await insertSigningKey(trx, key);
    const entry = administered('signing-key.use', `node:${config.node}`, Date.now(), {
      subject: key.keyId,
    });
    await appendAudit(trx, config.node, [entry]);
    return key;
  });
}

async function readKey(config: Config, current: StoredSigningKey | undefined): Promise<SigningKey> {
  const { signingKey: file, signingAlgorithm: name, dataDir } = config;
  const pem = file === '' ? await ownPem(config, current) : await readFile(file, 'utf8');
  const where = file || keyFileOf(dataDir, name);
  requirePrivate(where, await stat(where));
  const key = readSigningKey(pem);
  if (key?.name === name) return key;
  throw new StartError(
    `${where} 中没有 ${name} 私钥(PKCS #8 PEM),请核对 HUB_SIGNING_KEY 与 HUB_SIGNING_ALGORITHM · ` +
      `${where} holds no ${name} private key (PKCS #8 PEM); check HUB_SIGNING_KEY and HUB_SIGNING_ALGORITHM.`,
    'wrong',
  );
}

async function ownPem(config: Config, current: StoredSigningKey | undefined): Promise<string> {
  const { dataDir, signingAlgorithm: name } = config;
  const pem = await readKeyFile(dataDir, name);
  if (pem !== undefined) return pem;
  // A new key here would be a second one beside that of the other processes.
  if (current?.keyId.startsWith(`${name}-`)) throw otherKey(config, current);
  return makeKeyFile(dataDir, name);
}

function otherKey({ dataDir }: Config, { keyId }: StoredSigningKey): StartError {
  return new StartError(
    `该数据库的回执由密钥 ${keyId} 签名,${dataDir} 中没有该密钥。请用 HUB_SIGNING_KEY 指定各进程共用的私钥文件,` +
      `或以此指定新私钥来更换 · receipts of this database are signed with the key ${keyId}, which is not in ` +
      `${dataDir}. Name the private key that all its processes share in HUB_SIGNING_KEY, or a new one to replace it.`,
    'wrong',
  );
}

function retiredKey({ keyId }: SigningKey, current: StoredSigningKey | undefined): StartError {
  return new StartError(
    `签名密钥 ${keyId} 已由 ${current?.keyId} 取代,请使用新私钥 · the signing key ${keyId} was replaced by ` +
      `${current?.keyId}; use the new one.`,
    'wrong',
  );
}
