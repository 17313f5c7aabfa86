import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** One push as it arrived. */
export interface Arrived {
  readonly packageId: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Answers a push; leaving the response open plays an endpoint that hangs. */
export type Answer = (arrived: Arrived, response: ServerResponse) => void;

/** A department's own system: takes pushes on a port of its own and notes them. */
export interface TestDepartment {
  readonly url: string;
  readonly port: number;
  readonly arrived: Arrived[];
  answer: Answer;
  close(): Promise<void>;
}

/** Gives each package a receipt number of its own, the same one again when it comes again. */
export const accepting: Answer = ({ packageId }, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ receiptNo: `HZ-${packageId}` }));
};

/** Answers with a status and a text. */
export function answering(status: number, text = ''): Answer {
  return (_, response) => {
    response.statusCode = status;
    response.end(text);
  };
}

/** Opens one; `port` 0: a free one. */
export async function openDepartment(port = 0): Promise<TestDepartment> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const packageId = String(request.headers['x-package-id']);
      const one = { packageId, headers: request.headers, body: Buffer.concat(chunks) };
      department.arrived.push(one);
      department.answer(one, response);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const own = (server.address() as AddressInfo).port;
  const department: TestDepartment = {
    url: `http://127.0.0.1:${own}/packages`,
    port: own,
    arrived: [],
    answer: accepting,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return department;
}
