import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

/** A department of 浙江 that does not fetch its packages, and the channel by which they leave (R31). */
export interface ChannelDepartment {
  readonly code: string;
  readonly route: string;
}

/** Market regulation looks into the folder of its front-end machine (前置机). */
export const FOLDER_DEPARTMENT: ChannelDepartment = { code: '330000000M660', route: 'front-end' };
/** The police have a system of their own that takes packages by HTTP. */
export const PUSH_DEPARTMENT: ChannelDepartment = {
  code: '330000000M120',
  route: 'police-system',
};

/** The departments' own machines: a folder, and a small HTTP server. */
export interface Departments {
  /** Configuration of the channels, for HUB_CHANNELS_FILE. */
  readonly channelsFile: string;
  /** Folder of the front-end machine. */
  readonly folder: string;
  /** Ids of the packages that were pushed and whose digest was right, as often as they came. */
  readonly pushed: readonly string[];
  /** Pushes whose body was not what their headers said. */
  readonly spoilt: readonly string[];
  close(): Promise<void>;
}

/** Makes the folder, opens the department's HTTP server and writes the file of channels. */
export async function openDepartments(dir: string): Promise<Departments> {
  const folder = join(dir, 'exchange');
  await mkdir(folder);
  const pushed: string[] = [];
  const spoilt: string[] = [];
  const server = createServer((request, response) => {
    void takePush(request).then(({ packageId, right }) => {
      (right ? pushed : spoilt).push(packageId);
      response.statusCode = right ? 200 : 422;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(right ? { receiptNo: `DEMO-HZ-${packageId}` } : {}));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const channelsFile = join(dir, 'channels.json');
  await writeFile(channelsFile, JSON.stringify({ channels: channelsOf(folder, port) }));
  return {
    channelsFile,
    folder,
    pushed,
    spoilt,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function channelsOf(directory: string, port: number): object[] {
  const common = { channel: 'NATIONAL_EXCHANGE' };
  return [
    {
      ...common,
      name: FOLDER_DEPARTMENT.route,
      kind: 'folder',
      departments: [FOLDER_DEPARTMENT.code],
      directory,
    },
    {
      ...common,
      name: PUSH_DEPARTMENT.route,
      kind: 'http',
      departments: [PUSH_DEPARTMENT.code],
      url: `http://127.0.0.1:${port}/packages`,
    },
    { ...common, name: 'fetched', kind: 'pull', departments: ['*'] },
  ];
}

/** Reads a push and compares its body with the digest that came with it. */
async function takePush(request: IncomingMessage): Promise<{ packageId: string; right: boolean }> {
  const body = await buffer(request);
  const { 'x-package-id': packageId, 'x-content-sha256': stated } = request.headers;
  const sha256 = createHash('sha256').update(body).digest('hex');
  return { packageId: String(packageId), right: stated === sha256 };
}
