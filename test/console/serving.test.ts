import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createConsole } from '../../server/doors/console.js';
import { createHttpDoor } from '../../server/doors/http.js';
import { createGrpcDoor } from '../../server/doors/grpc.js';
import { createFront } from '../../server/doors/front.js';

let built: string;

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), 'zhengzhao-console-'));
  await mkdir(join(built, 'assets'));
  await writeFile(join(built, 'index.html'), '<!doctype html><p>控制台</p>');
  await writeFile(join(built, 'assets', 'app-1a2b3c4d.js'), 'export const started = true;');
  await writeFile(join(built, '..', 'zhengzhao-console-secret'), 'secret');
});
afterAll(async () => {
  await rm(built, { recursive: true });
  await rm(join(built, '..', 'zhengzhao-console-secret'));
});

async function serve(directory: string): Promise<number> {
  const options = { log: () => undefined };
  const front = createFront({
    grpc: createGrpcDoor([], options),
    http: createHttpDoor([], { ...options, pages: [createConsole(directory)] }),
  });
  onTestFinished(() => front.close(0));
  return front.listen('127.0.0.1', 0);
}

/** Status and body of a path that no client has tidied up. */
function rawGet(port: number, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request({ port, path, host: '127.0.0.1' }, (res) => {
      let body = '';
      res.setEncoding('utf8').on('data', (text: string) => (body += text));
      res.on('end', () => resolve({ status: res.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });
}

describe('the console at the port of the hub', () => {
  it('is a page that is always fresh, with files that never change', async () => {
    const url = `http://127.0.0.1:${await serve(built)}`;
    const page = await fetch(`${url}/console/`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('content-encoding')).toBe('gzip');
    expect(await page.text()).toContain('控制台');

    const script = await fetch(`${url}/console/assets/app-1a2b3c4d.js?x=1`, {
      headers: { 'accept-encoding': 'identity' },
    });
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(script.headers.get('content-encoding')).toBeNull();
    expect(await script.text()).toBe('export const started = true;');

    const entered = await fetch(`${url}/console`);
    expect([entered.redirected, entered.url]).toEqual([true, `${url}/console/`]);
  });

  it('may run, call and show nothing but what the node itself serves', async () => {
    const url = `http://127.0.0.1:${await serve(built)}/console/`;
    const { headers } = await fetch(url, { method: 'HEAD' });
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    const others = policy.split('; ').filter((one) => !/ '(none|self)'$/.test(one));
    expect(others).toEqual([]);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  it.each([
    '/console/../zhengzhao-console-secret',
    '/console/%2e%2e/zhengzhao-console-secret',
    '/console/..%2fzhengzhao-console-secret',
    '/console//etc/passwd',
    '/console/assets/..\\..\\zhengzhao-console-secret',
    '/console/assets/',
    '/console/nothing.js',
  ])('serves nothing else: %s', async (path) => {
    const { status, body } = await rawGet(await serve(built), path);
    expect(status).toBe(404);
    expect(body).toContain('/console/');
    expect(body).not.toContain('secret');
  });

  it('takes no other method', async () => {
    const url = `http://127.0.0.1:${await serve(built)}/console/`;
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  });

  it('says how to build it when it is not there', async () => {
    const url = `http://127.0.0.1:${await serve(join(built, 'nowhere'))}/console/`;
    const page = await fetch(url);
    expect(page.status).toBe(503);
    expect(await page.text()).toContain('npm run build:console');
  });
});
