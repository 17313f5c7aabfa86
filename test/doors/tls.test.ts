import { request } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createConnectClient } from '../../clients/connect.js';
import { createGrpcClient } from '../../clients/grpc.js';
import type { ClientTls } from '../../clients/tls.js';
import { issueCertificate, makeAuthority, type Issued } from '../../trial/certificates.js';
import { bindSome, startNode } from './node.js';

const DAY_MS = 86_400_000;
let renewed: Issued;
let made: { readonly ca: string; readonly server: Issued; readonly client: Issued };

beforeAll(async () => {
  const days = {
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + DAY_MS),
  };
  const hosts = ['localhost', '127.0.0.1'];
  const authority = await makeAuthority(days.notBefore, days.notAfter);
  const server = await issueCertificate(authority, {
    role: 'node',
    code: '100000',
    hosts,
    ...days,
  });
  const client = await issueCertificate(authority, {
    role: 'node',
    code: '330000',
    hosts: [],
    ...days,
  });
  renewed = await issueCertificate(authority, { role: 'node', code: '100000', hosts, ...days });
  made = { ca: authority.cert, server, client };
});

const naming = bindSome(Registration, {
  getEnterprise: async (_, { caller }) => ({
    enterprise: { entName: caller.certificate?.name ?? 'nobody' },
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

  test('lets a client without a certificate in, as nobody: it may have a token', async () => {
    const { address } = await startNode([naming], { tls: { ...made.server, ca: made.ca } });
    expect(await askBoth(address, { ca: made.ca })).toEqual(['nobody', 'nobody']);
  });

  test('turns a certificate away that another authority signed', async () => {
    const { address } = await startNode([naming], { tls: { ...made.server, ca: made.ca } });
    const times = {
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + DAY_MS),
    };
    const forger = await makeAuthority(times.notBefore, times.notAfter);
    const order = { role: 'node', code: '330000', hosts: [], ...times };
    const forged = await issueCertificate(forger, order);
    await expect(askBoth(address, { ca: made.ca, ...forged })).rejects.toMatchObject({
      codeName: 'UNAVAILABLE',
    });
    const connectClient = createConnectClient(Registration, `https://${address}`, {
      tls: { ca: made.ca, ...forged },
    });
    await expect(connectClient.getEnterprise({})).rejects.toThrow();
  });

  test('takes a renewed certificate up for new connections', async () => {
    const { front, port } = await startNode([naming], { tls: made.server });
    const shown = () =>
      new Promise<string>((resolve, reject) => {
        const socket = connectTls({ port, host: 'localhost', ca: made.ca }, () => {
          resolve(socket.getPeerCertificate().fingerprint256);
          socket.destroy();
        });
        socket.on('error', reject);
      });
    const before = await shown();
    front.renew(renewed);
    expect(await shown()).not.toBe(before);
  });
});
