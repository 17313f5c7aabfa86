import type { DescService } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { createGrpcClient } from '../../clients/grpc.js';
import type { Services } from '../../conformance/check.js';
import { CHECKS, examine, type Finding } from '../../conformance/run.js';
import type { Role } from '../../server/domain/access/principal.js';
import { hub, hubJson } from '../support/command-line.js';
import { freePort, startTestNode, type TestNode } from '../support/nodes.js';
import { tokenFor } from '../support/tokens.js';
import { falsified } from './falsifier.js';
import { LIES } from './lies.js';
import { startLyingNode } from './lying-node.js';

/** Requirement and whether it writes: what tells a check from the others. */
const nameOf = ({ requirement, writes = false }: { requirement: string; writes?: boolean }) =>
  `${requirement}${writes ? ' written' : ''}`;

const failures = (findings: readonly Finding[]): string[] =>
  findings.filter(({ outcome }) => outcome === 'failed').map(nameOf);

describe('the conformance kit', () => {
  let node: TestNode;
  let services: Services;
  beforeAll(async () => {
    const upstream = `http://127.0.0.1:${await freePort()}`;
    node = await startTestNode({ HUB_REGION: '330000', HUB_UPSTREAM_URL: upstream });
    services = {
      scopeCatalog: node.catalog,
      registration: node.registration,
      exchange: node.exchange,
      dataCenter: node.dataCenter,
    };
  });
  afterAll(() => node.stop());

  it('finds that our own node conforms, also in what it writes', async () => {
    const findings = await examine(services, { allowWrites: true });
    expect(findings.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    expect(findings).toHaveLength(CHECKS.length);
  });

  it.each(LIES)('fails $fails when a node answers wrongly: $why', async ({ lie, fails }) => {
    const findings = await examine(falsified(services, lie), {
      allowWrites: fails.some((name) => name.endsWith('written')),
      patienceMs: 2000,
    });
    expect(failures(findings)).toEqual(fails);
    const [failed] = findings.filter(({ outcome }) => outcome === 'failed');
    expect(failed).toHaveProperty(
      'expected.zh',
      expect.stringMatching(/\p{Script=Han}|[A-Z_]{5}/u),
    );
    expect(failed).toHaveProperty('expected.en', expect.stringMatching(/[a-z]|[A-Z_]{5}/));
  });

  it('has no check that cannot fail', () => {
    const shown = new Set(LIES.flatMap(({ fails }) => fails));
    expect(CHECKS.map(nameOf).filter((name) => !shown.has(name))).toEqual([]);
  });

  it('writes nothing unless it may', async () => {
    const count = async (): Promise<unknown> =>
      node.sql('select (select count(*) from messages) as messages');
    const before = await count();
    const findings = await examine(services, { allowWrites: false });
    expect(await count()).toEqual(before);
    const unwanted = findings.filter(({ writes }) => writes);
    expect(unwanted.length).toBeGreaterThan(3);
    for (const one of unwanted)
      expect(one).toMatchObject({
        outcome: 'not-applicable',
        reason: { en: expect.stringContaining('--allow-writes') as string },
      });
  });

  it('says of a node of another kind what does not apply to it, and why', async () => {
    const national = await startTestNode({ HUB_LEVEL: 'national' });
    try {
      const asked = {
        ...services,
        dataCenter: national.dataCenter,
        scopeCatalog: national.catalog,
      };
      const findings = await examine(asked, { allowWrites: true });
      expect(failures(findings)).toEqual([]);
      const taken = findings.filter(({ outcome }) => outcome === 'passed');
      expect(taken.map(nameOf)).toEqual(['R3', 'R4', 'R6', 'R7']);
    } finally {
      await national.stop();
    }
  });

  it('asks a province without a free-trade zone only what concerns it', async () => {
    const shanxi = await startTestNode({ HUB_REGION: '140000' });
    try {
      const asked = {
        scopeCatalog: shanxi.catalog,
        registration: shanxi.registration,
        exchange: shanxi.exchange,
        dataCenter: shanxi.dataCenter,
      };
      const findings = await examine(asked, { allowWrites: true });
      const named = (outcome: Finding['outcome']): string[] =>
        findings.filter((one) => one.outcome === outcome).map(nameOf);
      expect(named('failed')).toEqual([]);
      expect(named('not-applicable')).toEqual([
        ...['R9', 'R11', 'R12', 'R15', 'R21', 'R24', 'R26', 'R43', 'R32 written'],
      ]);
    } finally {
      await shanxi.stop();
    }
  });

  it('R55 finds a broken node from the command line, with what was expected and seen', async () => {
    const [broken] = LIES.filter(({ why }) => why === 'what is not public goes up');
    const address = await startLyingNode(services, broken!.lie);
    const { code, stdout } = await hub(['conformance', '--target', address]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^R55 +不符合 · FAILED/m);
    expect(stdout).toMatch(/应为 expected: 受理,并拦下上报 · acceptable, and held back/);
    expect(stdout).toMatch(/实为 seen: .*NATIONAL.*SEND/);
    expect(stdout).toMatch(/不符合 1,.* 1 failed/);
  });

  it('fails no requirement for want of rights: what a token may not try is not applicable', async () => {
    const guarded = await startTestNode({ HUB_REGION: '330000', HUB_ANONYMOUS: 'none' });
    const examineAs = async (role: Role, code: string) => {
      const token = await tokenFor(guarded, role, code);
      const as = <S extends DescService>(service: S) =>
        createGrpcClient(service, guarded.address, { token });
      const clients = {
        scopeCatalog: as(ScopeCatalog),
        registration: as(Registration),
        exchange: as(Exchange),
        dataCenter: as(DataCenter),
      };
      const findings = await examine(clients, { allowWrites: false });
      for (const client of Object.values(clients)) client.close();
      return findings;
    };
    const passed = (findings: readonly Finding[]): string[] =>
      findings.filter(({ outcome }) => outcome === 'passed').map(nameOf);
    const LOOKED_UP = ['R3', 'R4', 'R6', 'R7'];
    const REGISTERED = ['R9', 'R11', 'R12', 'R15', 'R21', 'R22', 'R24', 'R26', 'R34', 'R42', 'R43'];
    try {
      const registry = await examineAs('registry', 'SYSTEM-1');
      expect([failures(registry), passed(registry)]).toEqual([
        [],
        [...LOOKED_UP, 'R8', ...REGISTERED],
      ]);
      const department = await examineAs('department', '330000000M660');
      expect([failures(department), passed(department)]).toEqual([
        [],
        expect.arrayContaining([...LOOKED_UP, 'R8']) as string[],
      ]);
    } finally {
      await guarded.stop();
    }
  });

  it('is a command with a report for people and programs, and exit codes', async () => {
    const args = ['conformance', '--target', node.address];
    const shown = await hub(args);
    expect([shown.code, shown.stderr]).toEqual([0, '']);
    expect(shown.stdout).toMatch(/^R55 +符合 · passed/m);
    expect(shown.stdout).toMatch(/不符合 0.*0 failed/);
    const written = await hub([...args, '--allow-writes', '--json']);
    expect(written.stderr).toMatch(/注意.*Attention/);
    expect(JSON.parse(written.stdout)).toMatchObject({ failed: 0, notApplicable: 0 });
    const gone = await hubJson<object>([
      'conformance',
      '--target',
      `127.0.0.1:${await freePort()}`,
    ]);
    expect(gone.code).toBe(3);
  });
});
