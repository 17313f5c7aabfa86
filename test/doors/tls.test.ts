import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createConnectClient } from '../../clients/connect.js';
import { createGrpcClient } from '../../clients/grpc.js';
import type { ClientTls } from '../../clients/client.js';
import { bindSome, startNode } from './node.js';

/** Certificates made for this run by the `openssl` command, which the test machine must have. */
interface Certificates {
  readonly ca: Buffer;
  readonly server: { readonly cert: Buffer; readonly key: Buffer };
  readonly client: { readonly cert: Buffer; readonly key: Buffer };
}

let folder = '';
let made: Certificates;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zhengzhao-tls-'));
  made = makeCertificates(folder);
});

afterAll(() => rmSync(folder, { recursive: true }));

function makeCertificates(directory: string): Certificates {
  const run = (args: string) =>
    execFileSync('openssl', args.split(' '), { cwd: directory, stdio: 'pipe', timeout: 20_000 });
  const read = (name: string) => readFileSync(join(directory, name));
  const newKey = 'req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  run(`${newKey} -x509 -days 2 -subj /CN=test-ca -keyout ca.key -out ca.pem`);
  writeFileSync(join(directory, 'san.cnf'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const issue = (name: string, subject: string) => {
    run(`${newKey} -subj /CN=${subject} -keyout ${name}.key -out ${name}.csr`);
    const signed = `-CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san.cnf`;
    run(`x509 -req -in ${name}.csr ${signed} -out ${name}.pem`);
    return { cert: read(`${name}.pem`), key: read(`${name}.key`) };
  };
  return {
    ca: read('ca.pem'),
    server: issue('server', 'localhost'),
    client: issue('client', '330000'),
  };
}

const naming = bindSome(Registration, {
  getEnterprise: async (_, { caller }) => ({
    enterprise: { entName: caller.certificateName ?? 'nobody' },
  }),
});

async function askBoth(address: string, tls: ClientTls) {
  const grpc = createGrpcClient(Registration, address, { tls });
  onTestFinished(() => grpc.close());
  const connectClient = createConnectClient(Registration, `https://${address}`, { tls });
  const answers = [await grpc.getEnterprise({}), await connectClient.getEnterprise({})];
  return answers.map(({ enterprise }) => enterprise?.entName);
}

describe('TLS on the one port', () => {
  test('serves gRPC and Connect, and asks for no certificate of its own accord', async () => {
    const { address } = await startNode([naming], { tls: made.server });
    expect(await askBoth(address, { ca: made.ca, ...made.client })).toEqual(['nobody', 'nobody']);
  });

  test('takes https:// as the address of a gRPC client', async () => {
    const { url } = await startNode([naming], { tls: made.server });
    const client = createGrpcClient(Registration, url, { tls: { ca: made.ca } });
    onTestFinished(() => client.close());
    expect((await client.getEnterprise({})).enterprise?.entName).toBe('nobody');
  });

  test.each([
    [['h2', 'http/1.1'], 'http/1.1'],
    [['http/1.1'], 'http/1.1'],
    [['h2'], 'h2'],
  ])('answers an offer of %j with %s', async (offer, chosen) => {
    const { port } = await startNode([naming], { tls: made.server });
    const socket = await new Promise<TLSSocket>((resolve, reject) => {
      const options = { port, host: 'localhost', ca: made.ca, ALPNProtocols: offer };
      const opened = connectTls(options, () => resolve(opened));
      opened.on('error', reject);
    });
    onTestFinished(() => void socket.destroy());
    expect(socket.alpnProtocol).toBe(chosen);
  });

  test('serves a client that knows no ALPN over HTTP/1.1', async () => {
    const { port } = await startNode([naming], { tls: made.server });
    const status = await new Promise((resolve, reject) => {
      const options = { port, host: 'localhost', ca: made.ca, ALPNProtocols: [], agent: false };
      request(options, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });

  test('does not wait for ever for a handshake', async () => {
    const { port } = await startNode([naming], { tls: made.server, firstBytesMs: 100 });
    const socket = connect(port, '127.0.0.1');
    await new Promise((resolve) => socket.on('close', resolve));
  });

  test('closes while a call is in flight, after its answer', async () => {
    let entered = () => {};
    const inside = new Promise<void>((resolve) => (entered = resolve));
    const slow = bindSome(Registration, {
      async getEnterprise() {
        entered();
        await new Promise((resolve) => setTimeout(resolve, 200));
        return {};
      },
    });
    const { address, front } = await startNode([slow], { tls: made.server });
    const client = createGrpcClient(Registration, address, { tls: { ca: made.ca } });
    onTestFinished(() => client.close());
    const answer = client.getEnterprise({});
    await inside;
    await front.close(5000);
    expect(await answer).toMatchObject({});
  });
});

describe('mutual TLS', () => {
  test('tells both doors the name in the certificate', async () => {
    const { address } = await startNode([naming], { tls: { ...made.server, ca: made.ca } });
    expect(await askBoth(address, { ca: made.ca, ...made.client })).toEqual(['330000', '330000']);
  });

  test('turns a client without a certificate away', async () => {
    const { address } = await startNode([naming], { tls: { ...made.server, ca: made.ca } });
    await expect(askBoth(address, { ca: made.ca })).rejects.toMatchObject({
      codeName: 'UNAVAILABLE',
    });
  });
});
