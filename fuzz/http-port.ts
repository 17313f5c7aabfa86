import { Agent, request, type IncomingMessage } from 'node:http';
import { Code } from '#gen/google/rpc/code_pb.js';
import { DEADLINE_MS, framesOf, HUNG, type Answer } from './answer.js';

/** A request over HTTP/1.1. */
export interface WrittenRequest {
  readonly path: string;
  /** Unset: POST. */
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** For a stream that has no end of its own: how long it is listened to. Unset: until it ends. */
  readonly listenMs?: number;
}

/** A stream that has said nothing yet, which is no fault of it. */
const SILENT: Answer = { end: 'answered', code: '', said: '', bodies: [] };

const TRAILERS = 0x80;

/** HTTP/1.1 to a node: Connect, JSON and gRPC-Web, with connections kept alive as clients do. */
export class HttpPort {
  readonly #host: string;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 32 });

  constructor(address: string) {
    const [host = '', port] = address.split(':');
    this.#host = host;
    this.#port = Number(port);
  }

  send({ path, method = 'POST', headers, body, listenMs }: WrittenRequest): Promise<Answer> {
    return new Promise((resolve) => {
      const sent = request({
        host: this.#host,
        port: this.#port,
        agent: this.#agent,
        path,
        method,
        headers: { 'content-length': body.length, ...headers },
      });
      const limit = setTimeout(() => {
        resolve(listenMs === undefined ? HUNG : SILENT);
        sent.destroy();
      }, listenMs ?? DEADLINE_MS);
      const done = (answer: Answer): void => {
        clearTimeout(limit);
        resolve(answer);
      };
      sent.on('error', () => done({ end: 'closed', code: '', said: '', bodies: [] }));
      sent.on('response', (response) => void readAnswer(response).then(done));
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch {
    // Cut off: what came before is judged.
  }
  const body = Buffer.concat(chunks);
  const type = response.headers['content-type'] ?? '';
  const said = `${JSON.stringify(response.headers)}${readable(body.toString())}`;
  const answered = { end: 'answered', said } as const;
  if (type.startsWith('application/grpc-web')) return { ...answered, ...readWeb(response, body) };
  if (type.startsWith('application/connect+')) return { ...answered, ...readStream(body) };
  const status = response.statusCode ?? 0;
  if (status === 200) return { ...answered, code: 'OK', bodies: [body] };
  const named = type.startsWith('application/json') ? codeIn(body) : '';
  return { ...answered, code: named || (status >= 500 ? 'INTERNAL' : ''), bodies: [] };
}

/** Details are Base64 in JSON: they must not show the program's inside either. */
function readable(text: string): string {
  const values = [...text.matchAll(/"value":\s*"([A-Za-z0-9+/=]+)"/g)];
  return text + values.map(([, value = '']) => Buffer.from(value, 'base64').toString()).join('\n');
}

/** The `code` of a Connect error, as the name that gRPC gives it. */
function codeIn(body: Buffer): string {
  try {
    const { code } = JSON.parse(body.toString()) as { code?: unknown };
    return typeof code === 'string' ? code.toUpperCase().replace('CANCELED', 'CANCELLED') : '';
  } catch {
    return 'UNREADABLE';
  }
}

function readWeb({ headers }: IncomingMessage, body: Buffer) {
  const frames = framesOf(body);
  const trailers = frames.find(({ flags }) => flags & TRAILERS)?.content.toString() ?? '';
  const [, inBody] = /grpc-status:\s*(\d+)/i.exec(trailers) ?? [];
  const status = inBody ?? headers['grpc-status'];
  const code = status === undefined ? 'UNREADABLE' : (Code[Number(status)] ?? 'UNREADABLE');
  const contents = frames.filter(({ flags }) => flags === 0).map(({ content }) => content);
  return { code, bodies: contents };
}

const END_OF_STREAM = 2;

function readStream(body: Buffer) {
  const frames = framesOf(body);
  const end = frames.find(({ flags }) => flags & END_OF_STREAM)?.content;
  const { error } = JSON.parse(end?.toString() ?? '{}') as { error?: object };
  const code = error ? codeIn(Buffer.from(JSON.stringify(error))) : 'OK';
  return { code, bodies: frames.filter(({ flags }) => flags === 0).map(({ content }) => content) };
}
