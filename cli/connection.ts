import { readFileSync } from 'node:fs';
import type { DescService } from '@bufbuild/protobuf';
import type { Option } from 'commander';
import type { ClientTls } from '../clients/tls.js';
import { createGrpcClient, type GrpcClient } from '../clients/grpc.js';
import { UsageError } from './answer.js';
import { option } from './words.js';

/** Where the node is and who calls, as every remote command takes it. */
export interface HubOptions {
  /** `host:port`, `http://…` or `https://…`. */
  readonly server: string;
  /** File with the bearer token. Unset: the call carries none. */
  readonly tokenFile?: string;
  /** PEM files. Unset: plaintext, or the authorities that Node knows for `https://`. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** The options of {@link HubOptions}. `alias`: another name of `--server`, such as `--target`. */
export function hubOptions(alias?: string): Option[] {
  const flags = [...(alias === undefined ? [] : [alias]), '--server <host:port>'];
  return [
    option(flags.join(', '), '节点地址', 'address of the node')
      .env('HUB_SERVER')
      .default('127.0.0.1:7330'),
    option('--token-file <file>', '访问令牌文件', 'file with the bearer token').env(
      'HUB_TOKEN_FILE',
    ),
    option('--ca <file>', '节点证书签发机构(PEM)', "PEM file: who signs the node's certificate"),
    option('--cert <file>', '客户端证书(PEM)', 'PEM file: certificate to show'),
    option('--key <file>', '客户端私钥(PEM)', 'PEM file: its key'),
  ];
}

/** The node that a command talks to: one client per service, made when it is first asked for. */
export class Hub {
  readonly server: string;
  readonly #options: HubOptions;
  readonly #clients = new Map<string, { close(): void }>();

  constructor(options: HubOptions) {
    this.server = options.server;
    this.#options = options;
  }

  /** The client of a service. Throws UsageError when a file of the options can't be used. */
  client<S extends DescService>(service: S): GrpcClient<S> {
    const known = this.#clients.get(service.typeName);
    if (known) return known as GrpcClient<S>;
    const { tokenFile } = this.#options;
    const client = createGrpcClient(service, this.server, {
      tls: tlsOf(this.#options),
      ...(tokenFile === undefined ? {} : { token: readToken(tokenFile) }),
    });
    this.#clients.set(service.typeName, client);
    return client;
  }

  /** Another node, with a token of its own: the one of this node proves nothing there, and would be shown. */
  at(server: string, tokenFile: string | undefined): Hub {
    const { tokenFile: _own, ...others } = this.#options;
    return new Hub({ ...others, server, ...(tokenFile === undefined ? {} : { tokenFile }) });
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }
}

function tlsOf({ ca, cert, key }: HubOptions): ClientTls | undefined {
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError('--cert 与 --key 须同时给出。', '--cert and --key belong together.');
  if (ca === undefined && cert === undefined) return undefined;
  return {
    ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
    ...(cert === undefined ? {} : { cert: readFileSync(cert) }),
    ...(key === undefined ? {} : { key: readFileSync(key) }),
  };
}

/** A token is one word of printable characters; anything else could not be sent as metadata. */
function readToken(file: string): string {
  const token = readFileSync(file, 'utf8').trim();
  if (/^[\x21-\x7e]{1,8192}$/.test(token)) return token;
  throw new UsageError(
    `${file} 中不是一个令牌:应为一行,不含空格。`,
    `${file} holds no token: one line without spaces is expected.`,
  );
}
