import { readFile, stat } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Logger } from 'pino';
import type { ClientTls } from '../../clients/tls.js';
import type { Config } from '../config.js';
import type { FrontTls } from '../doors/front.js';
import { requirePrivate } from '../private-file.js';
import { createPoll } from '../repeating/poll.js';
import type { Closers } from './closers.js';

type Files = NonNullable<Config['tls']>;

/** The certificates of a node, as they are in its files at the moment. */
export interface Certificates {
  /** Undefined: plaintext. */
  current(): FrontTls | undefined;
  /** What a node shows to others, the same as to everybody else; undefined: plaintext. */
  readonly forClients: (() => ClientTls) | undefined;
  /** Called with every renewal. */
  onRenewal(take: (tls: FrontTls) => void): void;
}

/** Milliseconds between two looks at the files; a watch would miss links that are exchanged. */
const LOOK_MS = 2_000;

/**
 * Reads the files of HUB_TLS_* and takes renewed ones up while the node runs; what does not fit
 * together is left until it does. Throws ExposedFileError for a key that others may read.
 */
export async function openCertificates(
  config: Config,
  log: Logger,
  closers: Closers,
): Promise<Certificates> {
  const { tls: files } = config;
  if (!files)
    return { current: () => undefined, forClients: undefined, onRenewal: () => undefined };
  let signature = await signatureOf(files);
  /** Signature of what could not be used, so that the log is told once of each. */
  let refused = '';
  let current = await read(files);
  const listeners: ((tls: FrontTls) => void)[] = [];
  const complain = (error: unknown): void =>
    log.warn({ err: error }, '新证书无法使用,沿用原证书 / the new certificates can not be used');
  const look = async (): Promise<void> => {
    const found = await signatureOf(files);
    if (found === signature) return;
    // Tried at every look until it succeeds: what was wrong may be mended by chmod alone.
    const renewed = await read(files).catch((error: unknown) => {
      if (found !== refused) complain(error);
      refused = found;
    });
    if (!renewed) return;
    for (const take of listeners) take(renewed);
    current = renewed;
    signature = found;
    log.info('证书已更新 / renewed certificates are in use');
  };
  const looking = createPoll({
    run: look,
    intervalMs: LOOK_MS,
    maxIntervalMs: LOOK_MS,
    failed: complain,
  });
  looking.start();
  closers.add(() => looking.stop());
  return {
    current: () => current,
    forClients: () => current,
    onRenewal: (take) => listeners.push(take),
  };
}

async function read({ cert, key, ca }: Files): Promise<FrontTls> {
  requirePrivate(key, await stat(key));
  const tls = {
    cert: await readFile(cert),
    key: await readFile(key),
    ...(ca !== '' && { ca: await readFile(ca) }),
  };
  // Throws when the key does not belong to the certificate.
  createSecureContext(tls);
  return tls;
}

/** What changes when a file is written or exchanged for another. */
async function signatureOf({ cert, key, ca }: Files): Promise<string> {
  const stats = await Promise.all(
    [cert, key, ca].filter((file) => file !== '').map((f) => stat(f)),
  );
  return stats.map(({ mtimeMs, size, ino }) => `${mtimeMs}/${size}/${ino}`).join(' ');
}
