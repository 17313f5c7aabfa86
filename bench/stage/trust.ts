import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientTls } from '../../clients/tls.js';
import { issueCertificate, makeAuthority, type Issued } from '../../trial/certificates.js';

const DAY_MS = 86_400_000;

/** Certificates of one contest. */
export interface Trust {
  /** Variables of a node with a certificate of its own. */
  envOf(node: string): Promise<Record<string, string>>;
  /** What a caller of a role shows. */
  showing(role: string, code: string): Promise<ClientTls>;
}

/** Makes an authority and keeps its files in a directory. */
export async function makeTrust(directory: string): Promise<Trust> {
  const notBefore = new Date(Date.now() - DAY_MS);
  const notAfter = new Date(Date.now() + DAY_MS);
  const authority = await makeAuthority(notBefore, notAfter);
  const caFile = join(directory, 'ca.pem');
  await writeFile(caFile, authority.cert);
  const issue = (role: string, code: string, hosts: readonly string[]): Promise<Issued> =>
    issueCertificate(authority, { role, code, hosts, notBefore, notAfter });
  return {
    envOf: async (node) => {
      const { cert, key } = await issue('node', node, ['localhost', '127.0.0.1']);
      const base = join(directory, node);
      await writeFile(`${base}.pem`, cert);
      await writeFile(`${base}.key`, key, { mode: 0o600 });
      return { HUB_TLS_CERT: `${base}.pem`, HUB_TLS_KEY: `${base}.key`, HUB_TLS_CA: caFile };
    },
    showing: async (role, code) => ({ ca: authority.cert, ...(await issue(role, code, [])) }),
  };
}
