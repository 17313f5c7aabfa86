import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { validRegistration } from '../support/builders.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

const execute = promisify(execFile);
const DOCUMENTED = '127.0.0.1:7330';

/** The shell commands of the README that begin with a program, continued lines joined. */
async function commandsOf(program: string): Promise<string[]> {
  const readme = await readFile('README.md', 'utf8');
  const blocks = [...readme.matchAll(/```sh\n([^]*?)```/g)].map(([, block]) => block ?? '');
  return blocks
    .flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
    .filter((line) => line.startsWith(`${program} `));
}

describe('the calls of the README', () => {
  let node: TestNode;
  let curls: string[];
  beforeAll(async () => {
    node = await startTestNode({ HUB_REGION: '330000' });
    const registration = validRegistration({ catalogVersion: '2019.12-prov' });
    await node.registration.submitRegistration({ registration });
    curls = await commandsOf('curl');
  });
  afterAll(() => node.stop());

  /** Runs a command as it stands, only at the address of the test's own node. */
  async function run(command: string): Promise<string> {
    const local = command.replaceAll(DOCUMENTED, node.address);
    const { stdout } = await execute('sh', ['-c', local]);
    return stdout;
  }

  async function answerTo(rpc: string): Promise<Record<string, unknown>> {
    const command = curls.find((one) => one.includes(`/${rpc} `));
    const output = await run(`${command ?? ''} -w '\n%{http_code}'`);
    const [body = '', status] = output.split('\n');
    expect([rpc, status]).toEqual([rpc, '200']);
    return JSON.parse(body) as Record<string, unknown>;
  }

  it('are all tried here', () => {
    expect(curls.map((command) => /\.(\w+\/\w+) /.exec(command)?.[1])).toEqual([
      'ScopeCatalog/SearchScopeEntries',
      'ScopeCatalog/ResolveScope',
      'DataCenter/ListPackages',
    ]);
  });

  it('R7 find entries by initials', async () => {
    const found = await answerTo('SearchScopeEntries');
    expect(JSON.stringify(found['matches'])).toContain('"name":"餐饮服务"');
    expect(found['provisional']).toBe(true);
  });

  it('R22 resolve ticks into permit items and departments', async () => {
    const resolved = await answerTo('ResolveScope');
    expect(resolved['opScope']).toContain('许可项目：餐饮服务');
    expect(JSON.stringify(resolved['items'])).toContain('"orgCode":"330000000M660"');
  });

  it('R26 list what waits for a department', async () => {
    const { packages } = await answerTo('ListPackages');
    expect(packages).toEqual([
      expect.objectContaining({ receivingDeptCode: '330000000M660', recordCount: 1 }),
    ]);
  });

  it('list the methods with buf curl', async () => {
    const [command] = await commandsOf('npx buf curl');
    const methods = await run(command ?? '');
    const expected = [ScopeCatalog, Registration, Exchange, DataCenter].flatMap((service) =>
      service.methods.map((method) => `${service.typeName}/${method.name}`),
    );
    expect(methods.split('\n')).toEqual(expect.arrayContaining(expected));
  });
});
