import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { NODE_FLAGS } from '../../launch/program.js';
import { SECRETS } from '../../server/config-secrets.js';
import { variables } from '../../server/config-variables.js';
import { freePort, startTestNode, type TestNode } from '../support/nodes.js';

const FOLDER = 'deploy';

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
}

async function linesOf(file: string): Promise<string[]> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

/** Patterns of what no image holds. */
const leftOut = (): Promise<string[]> => linesOf('.dockerignore');

describe('the files of deploy/', async () => {
  const files = await filesBelow(FOLDER);
  const texts = new Map<string, string>();
  for (const file of files) texts.set(file, await readFile(file, 'utf8'));

  it('name only variables that the hub has', () => {
    const known = new Set([...Object.keys(variables), ...SECRETS.map((name) => `${name}_FILE`)]);
    const named = [...texts].flatMap(([file, text]) =>
      [...text.matchAll(/\bHUB_[A-Z_]+/g)].map(([name]) => ({ file, name })),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ name }) => !known.has(name))).toEqual([]);
  });

  it('are YAML and JSON without mistakes', () => {
    const structured = [...texts].filter(([file]) => /\.(yaml|json)$/.test(file));
    expect(structured.length).toBeGreaterThan(4);
    for (const [file, text] of structured)
      for (const document of parseAllDocuments(text, { merge: true }))
        expect([file, ...document.errors, ...document.warnings]).toEqual([file]);
  });

  it('name files that are there', () => {
    const compose = texts.get(join(FOLDER, 'compose.yaml')) ?? '';
    for (const [, path = ''] of compose.matchAll(/- \.\/([\w./-]+):/g))
      expect(existsSync(join(FOLDER, path)), path).toBe(true);
    expect(texts.get(join(FOLDER, 'Containerfile'))).toContain('server/main.ts');
  });

  it('start a node as npm start does', async () => {
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    const command = ['node', ...NODE_FLAGS, 'launch/run.js', 'server/main.ts'];
    expect(scripts['start']).toBe(`exec ${command.join(' ')}`);
    expect(texts.get(join(FOLDER, 'Containerfile'))).toContain(
      `CMD [${command.map((word) => `"${word}"`).join(', ')}]`,
    );
    expect(texts.get(join(FOLDER, 'systemd', 'zhengzhao-hub@.service'))).toContain(
      `ExecStart=/usr/bin/${command.join(' ')}\n`,
    );
  });

  it('leave it to the hub to stop its embedded PostgreSQL', () => {
    const unit = texts.get(join(FOLDER, 'systemd', 'zhengzhao-hub@.service')) ?? '';
    expect(unit).toMatch(/^KillSignal=SIGTERM$/m);
    expect(unit).toMatch(/^KillMode=mixed$/m);
  });

  it('start a node again unless its configuration is wrong', () => {
    const unit = texts.get(join(FOLDER, 'systemd', 'zhengzhao-hub@.service')) ?? '';
    expect(unit).toMatch(/^Restart=always$/m);
    expect(unit).toMatch(/^RestartPreventExitStatus=2$/m);
  });

  it('put the console into the image, built there and nowhere else', async () => {
    const image = texts.get(join(FOLDER, 'Containerfile')) ?? '';
    expect(image).toContain('RUN npm run build:console');
    expect(image).toMatch(/^COPY --from=console \/app\/console\/dist \.\/console\/dist$/m);
    expect(await leftOut()).toContain('**/dist');
  });

  it('put no secrets into the image, whichever tool builds it', async () => {
    const { services } = parse(texts.get(join(FOLDER, 'compose.yaml')) ?? '', { merge: true }) as {
      services: { national: { build: { context: string; dockerfile: string } } };
    };
    const { context, dockerfile } = services.national.build;
    expect(join(FOLDER, context)).toBe('.');
    // Docker reads only .dockerignore; each of the others would be read in its place by one of them.
    const instead = [
      '.containerignore',
      `${dockerfile}.containerignore`,
      `${dockerfile}.dockerignore`,
    ];
    expect(instead.filter((file) => existsSync(file))).toEqual([]);
    const patterns = await leftOut();
    expect(patterns.filter((pattern) => pattern.startsWith('!'))).toEqual([]);
    // Secrets of compose, the history, and what git leaves out too: data of nodes with their keys.
    const untracked = (await linesOf('.gitignore')).map((line) => line.replace(/^\/|\/$/g, ''));
    for (const path of [FOLDER, '.git', ...untracked])
      expect(
        [path, `**/${path}`].some((one) => patterns.includes(one)),
        path,
      ).toBe(true);
  });

  it('keep out of image and history what the README has one make in the checkout and keep secret', async () => {
    const readme = await readFile('README.md', 'utf8');
    const secrets = { 'tls/': '/tls/', 'operator.token': '*.token', 'token.header': '*.header' };
    const dumps = { 'hub.dump': '*.dump', 'roles.sql': 'roles.sql' };
    const untracked = await linesOf('.gitignore');
    const patterns = await leftOut();
    for (const [named, pattern] of Object.entries({ ...secrets, ...dumps })) {
      expect(readme).toContain(named);
      expect(untracked).toContain(pattern);
      expect(patterns).toContain(pattern === '/tls/' ? 'tls' : `**/${pattern}`);
    }
  });

  describe('that watch', () => {
    let node: TestNode;
    let metrics = '';

    beforeAll(async () => {
      const port = await freePort();
      node = await startTestNode({ HUB_METRICS: `127.0.0.1:${port}` });
      metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    });
    afterAll(() => node.stop());

    it('ask for metrics that a node has, and reasons that it gives', () => {
      const queries = [...texts].filter(([file]) => /prometheus|grafana/.test(file));
      const text = queries.map(([, one]) => one).join('\n');
      const asked = new Set([...text.matchAll(/\bhub_[a-z_]+/g)].map(([name]) => name));
      expect(asked.size).toBeGreaterThan(8);
      const missing = [...asked].filter(
        (name) => !metrics.includes(`# TYPE ${name.replace(/_(bucket|sum|count)$/, '')} `),
      );
      expect(missing).toEqual([]);
      for (const [, reason = ''] of text.matchAll(/reason=\\?"([A-Z_]+)/g))
        expect(ErrorReason).toHaveProperty(reason);
    });

    // increase() sees nothing of a series that begins with its first count: the first would be lost.
    it('VR24 alert the first time too: what they count is there from the start', () => {
      const text = texts.get(join(FOLDER, 'prometheus', 'alerts.yaml')) ?? '';
      const counted = [...text.matchAll(/(?:rate|increase)\((hub_[a-z_]+)(?:\{([^}]*)\})?\[/g)];
      expect(counted.length).toBeGreaterThan(2);
      for (const [selector, name = '', labels = ''] of counted) {
        const series = metrics.split('\n').filter((line) => line.match(/^\w+/)?.[0] === name);
        const meant = series.filter((line) => labels.split(',').every((one) => line.includes(one)));
        expect(meant.length, selector).toBeGreaterThan(0);
      }
      for (const kind of Object.keys(MessageKind).filter((name) => /^[A-Z]/.test(name)))
        if (kind !== 'UNSPECIFIED')
          expect(metrics).toContain(
            `\nhub_refused_total{kind="${kind}",reason="NON_PUBLIC_UPWARD"} 0\n`,
          );
    });
  });
});
