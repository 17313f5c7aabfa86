import { readFile } from 'node:fs/promises';
import type { ClientTls } from '../../clients/client.js';
import type { Config } from '../config.js';
import type { FrontTls } from '../doors/front.js';

/** Reads the files of HUB_TLS_*; undefined: plaintext. */
export async function readTls(config: Config): Promise<FrontTls | undefined> {
  if (!config.tls) return undefined;
  const { cert, key, ca } = config.tls;
  return {
    cert: await readFile(cert),
    key: await readFile(key),
    ...(ca !== '' && { ca: await readFile(ca) }),
  };
}

/** Nodes know each other by the same certificates they show to everybody else. */
export function clientTls(tls: FrontTls | undefined): ClientTls | undefined {
  return tls && { cert: tls.cert, key: tls.key, ...(tls.ca !== undefined && { ca: tls.ca }) };
}
