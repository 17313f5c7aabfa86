import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DescMethod } from '@bufbuild/protobuf';
import { createConnectClient } from '../../clients/connect.js';
import { createGrpcClient } from '../../clients/grpc.js';
import type { ClientTls } from '../../clients/tls.js';
import type { Role } from '../../server/domain/access/principal.js';
import { issueCertificate, makeAuthority, type Issued } from '../../trial/certificates.js';
import { PATIENCE_MS } from './patience.js';

const DAY_MS = 86_400_000;

/** A certification authority of one test run, with its files. */
export interface Trust {
  readonly ca: string;
  readonly directory: string;
  /** A certificate for a caller; a node can be called by it too. `role`: any text, for forgeries. */
  issue(role: Role | string, code: string, validMs?: number): Promise<Issued>;
  /** Variables of a node that uses a certificate, written to files. */
  envOf(issued: Issued): Promise<Record<string, string>>;
  remove(): Promise<void>;
}

/** Makes an authority and a directory for its certificates. */
export async function makeTrust(): Promise<Trust> {
  const directory = await mkdtemp(join(tmpdir(), 'zhengzhao-trust-'));
  const notBefore = new Date(Date.now() - 60_000);
  const authority = await makeAuthority(notBefore, new Date(Date.now() + DAY_MS));
  let made = 0;
  await writeFile(join(directory, 'ca.pem'), authority.cert);
  return {
    ca: authority.cert,
    directory,
    issue: (role, code, validMs = DAY_MS) =>
      issueCertificate(authority, {
        role,
        code,
        hosts: role === 'node' ? ['localhost', '127.0.0.1'] : [],
        notBefore,
        notAfter: new Date(Date.now() + validMs),
      }),
    envOf: async ({ cert, key }) => {
      const base = join(directory, `node-${(made += 1)}`);
      await writeFile(`${base}.pem`, cert);
      await writeFile(`${base}.key`, key, { mode: 0o600 });
      return {
        HUB_TLS_CERT: `${base}.pem`,
        HUB_TLS_KEY: `${base}.key`,
        HUB_TLS_CA: join(directory, 'ca.pem'),
      };
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** How somebody calls: with a certificate, a token, both or nothing. */
export interface Credentials {
  readonly tls: ClientTls;
  readonly token?: string | undefined;
}

type AnyCall = (input: unknown, options?: object) => unknown;

/** The first answer to one RPC by descriptor, through one of the doors. */
export async function askAs(
  door: 'grpc' | 'connect',
  port: number,
  { tls, token }: Credentials,
  method: DescMethod,
  request: unknown,
): Promise<unknown> {
  const streams = method.methodKind === 'bidi_streaming';
  const input = streams ? once(request) : request;
  const options = { tls, token };
  if (door === 'connect') {
    const client = createConnectClient(method.parent, `https://localhost:${port}`, options);
    return first((client as Record<string, AnyCall>)[method.localName]?.(input));
  }
  const client = createGrpcClient(method.parent, `localhost:${port}`, options);
  try {
    const call = (client as unknown as Record<string, AnyCall>)[method.localName];
    return await first(call?.(input, { timeoutMs: PATIENCE_MS }));
  } finally {
    client.close();
  }
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

/** A stream that has nothing to tell yet is an answer too: the call was let in. */
async function first(answer: unknown): Promise<unknown> {
  const answers = (await answer) as object;
  if (!(Symbol.asyncIterator in answers)) return answers;
  const iterator = (answers as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  const silence = new Promise((resolve) => setTimeout(resolve, 2_000, { value: undefined }));
  const told = (await Promise.race([iterator.next(), silence])) as { value: unknown };
  void iterator.return?.();
  return told.value;
}
