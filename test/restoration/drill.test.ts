import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Effect, MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { environmentWith } from '../../launch/program.js';
import { civilDateIn } from '../../server/domain/identifiers/civil-date.js';
import {
  AUTHORITY,
  testMessageId,
  testUscc,
  validCancellation,
  validChange,
  validLicence,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';
import {
  hasSystemPostgres,
  startSystemPostgres,
  type SystemPostgres,
} from '../support/system-postgres.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };
const SAMR = '11100000MB0143028R';

const registration = (number: number) => validRegistration(CATALOGUE, { number });
/** A licence of the company of a number. */
const licence = (number: number, licId: string, message: number) =>
  validLicence({ licId }, { number, envelope: { messageId: testMessageId(4, message) } });
const mark = (number: number) =>
  validPublicityChange(
    {
      record: {
        kind: MessageKind.LICENCE,
        ownerOrg: AUTHORITY.code,
        businessKey: `LIC-${number}`,
      },
    },
    { number, envelope: { sourceOrg: AUTHORITY.code } },
  );
const nationalLicence = (number: number, message = 90, options: object = {}) =>
  validLicence(
    { licId: `SAMR-${number}`, licAuthorityCode: SAMR, licAuthorityName: '国家市场监督管理总局' },
    {
      number,
      ...options,
      envelope: {
        sourceNode: '100000',
        sourceOrg: SAMR,
        messageId: testMessageId(message, number),
        recordVersion: message === 92 ? 2n : 1n,
      },
    },
  );
/** An authority sets a mark at the national node. */
const markAtNational = (number: number, ownerOrg: string, businessKey: string) =>
  validPublicityChange(
    { record: { kind: MessageKind.LICENCE, ownerOrg, businessKey } },
    {
      number,
      envelope: {
        businessKey,
        sourceNode: '100000',
        sourceOrg: ownerOrg,
        messageId: testMessageId(93, number),
      },
    },
  );

/** Keys of the licences that a node publishes of an enterprise. */
async function published(node: TestNode, number: number): Promise<string[]> {
  const { licences } = await node.dataCenter.getDisclosure({ uscc: testUscc(number) });
  return licences.map((one) => one.record?.envelope?.businessKey ?? '').sort();
}

/** Nothing is on its way between the nodes, and nothing stopped on it. */
async function quiet(...nodes: TestNode[]): Promise<void> {
  await eventually(async () => {
    for (const node of nodes)
      expect(await node.sql('select * from deliveries where state in (1, 3)')).toEqual([]);
  });
}

/** What both sides of a link say to have exchanged until today. */
async function exchanged(node: TestNode, peer: TestNode) {
  const today = civilDateIn(Date.now());
  const fromDate = civilDateIn(Date.now() - 86_400_000);
  const { buckets } = await node.dataCenter.reconcile({
    peerNode: peer.code,
    fromDate,
    toDate: today,
  });
  return buckets.map(({ date, kind, count, digest }) => ({ date, kind, count, digest }));
}

/** Highest numbers that others have seen of a node. */
async function numbersOf(node: TestNode): Promise<number[]> {
  const [row] = await node.sql<Record<string, number>>(
    `select (select max(seq) from messages) as a, (select max(id) from deliveries) as b,
            (select max(seq) from packages) as c, (select max(txid) from messages) as d,
            (select sequence from ${node.schema === 'hub' ? 'share' : `${node.schema}_share`}.progress) as e`,
  );
  return Object.values(row ?? {}).map(Number);
}

/** Whether the nodes wrote anything twice, or took one id for two contents. */
async function twice(node: TestNode): Promise<unknown[]> {
  return node.sql(
    `select source_node, message_id from messages group by 1, 2 having count(*) > 1
     union all select 'reused', reason::text from refusals`,
  );
}

describe.runIf(hasSystemPostgres)('the drill: a node lost, and restored from its backup', () => {
  let server: SystemPostgres;
  let national: TestNode;
  let zhejiang: TestNode;
  const directory = mkdtempSync(join(tmpdir(), 'zhengzhao-drill-'));
  let ports: { readonly national: number; readonly zhejiang: number };

  beforeAll(async () => {
    server = await startSystemPostgres();
    ports = { national: await freePort(), zhejiang: await freePort() };
    await server.run('createdb', 'national');
    await server.run('createdb', 'zhejiang');
    national = await startNational('national');
    zhejiang = await startZhejiang('zhejiang');
  });
  afterAll(async () => {
    await zhejiang.stop();
    await national.stop();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const environment = (database: string, level: string): Record<string, string> => ({
    HUB_DATABASE_URL: server.url(database),
    HUB_DATABASE_SCHEMA: 'hub',
    HUB_DATA_DIR: join(directory, level),
  });
  const startNational = (database: string): Promise<TestNode> =>
    startTestNode({
      ...environment(database, 'national'),
      HUB_LEVEL: 'national',
      HUB_PORT: String(ports.national),
    });
  // It pulls, so that nobody can call it: everything has to be healed over its own calls.
  const startZhejiang = (database: string, witnessMs = '300'): Promise<TestNode> =>
    startTestNode({
      ...environment(database, 'zhejiang'),
      HUB_REGION: '330000',
      HUB_PORT: String(ports.zhejiang),
      HUB_UPSTREAM_URL: `http://127.0.0.1:${ports.national}`,
      HUB_PULL: 'true',
      HUB_AUDIT_WITNESS_MS: witnessMs,
    });

  const backup = (database: string): Promise<void> =>
    server.run(
      'pg_dump',
      '-Fc',
      '-N',
      'hub_queue',
      '-f',
      server.file(`${database}.dump`),
      database,
    );

  /** As in the README: a new database from the dump. */
  async function restore(database: string): Promise<string> {
    const restored = `${database}_restored`;
    await server.run('createdb', restored);
    await server.run(
      'pg_restore',
      ...['--exit-on-error', '--no-owner', '-d', restored, server.file(`${database}.dump`)],
    );
    return restored;
  }

  /** A command of the province on its restored database. */
  const command = (name: string): string =>
    execFileSync('npm', ['run', '-s', name], {
      env: environmentWith({
        ...environment('zhejiang_restored', 'zhejiang'),
        HUB_REGION: '330000',
      }),
      encoding: 'utf8',
    });

  it('R52 a province gets back what it lost, gives no number twice, and takes resubmissions', async () => {
    await zhejiang.registration.submitRegistration({ registration: registration(1) });
    await zhejiang.exchange.batchSubmitRecords({
      records: [licence(1, 'LIC-1', 1), licence(1, 'LIC-2', 2)],
    });
    await eventually(async () => {
      expect(await published(national, 1)).toEqual(['LIC-1', 'LIC-2']);
    });
    await quiet(zhejiang, national);
    await backup('zhejiang');

    // What happens between the backup and the loss: in, up, marked and down.
    const lost = await zhejiang.registration.submitRegistration({ registration: registration(2) });
    await zhejiang.exchange.submitRecord({ record: licence(2, 'LIC-3', 3) });
    await zhejiang.exchange.setRecordPublicity({ change: mark(1) });
    await national.exchange.submitRecord({ record: nationalLicence(1) });
    await eventually(async () => {
      expect(await published(national, 1)).toEqual(['LIC-2', 'SAMR-1']);
      expect(await published(national, 2)).toHaveLength(1);
    });
    await quiet(zhejiang, national);
    const before = await numbersOf(zhejiang);
    await zhejiang.stop();
    const restored = await restore('zhejiang');
    const until = /backup until .*/.exec(command('restored'))?.[0];
    // Twice does no harm: since when to repeat is told as before, and nothing less comes back.
    expect(command('restored')).toContain(until);
    zhejiang = await startZhejiang(restored);

    await eventually(async () => {
      await zhejiang.registration.getEnterprise({ uscc: testUscc(2) });
      expect(await published(zhejiang, 1)).toEqual(['LIC-2', 'SAMR-1']);
      expect(await published(zhejiang, 2)).toEqual(await published(national, 2));
    });
    await quiet(zhejiang, national);
    expect(await published(national, 1)).toEqual(['LIC-2', 'SAMR-1']);

    const again = await zhejiang.registration.submitRegistration({ registration: registration(2) });
    expect(again.receipt).toMatchObject({ duplicate: true, digest: lost.receipt?.digest });
    expect(again.receipt?.receiptNo).not.toBe(lost.receipt?.receiptNo);
    const remarked = await zhejiang.exchange.setRecordPublicity({ change: mark(1) });
    expect(remarked.receipt?.duplicate).toBe(true);
    await zhejiang.registration.submitRegistration({ registration: registration(3) });
    await quiet(zhejiang, national);
    await eventually(async () => {
      for (const [index, number] of (await numbersOf(zhejiang)).entries())
        expect(number).toBeGreaterThan(before[index]!);
    });

    for (const node of [zhejiang, national]) expect(await twice(node)).toEqual([]);
    expect(await exchanged(zhejiang, national)).toEqual(await exchanged(national, zhejiang));
  });

  it('the audit chain says that it was restored, here and at the national node', async () => {
    await eventually(async () => {
      const { auditWitnesses } = await national.dataCenter.getNodeStatus({});
      const witness = auditWitnesses.find(({ node }) => node === '330000');
      expect(witness?.brokenAt).toBeUndefined();
      const { link } = witness!.restoration!;
      expect(witness!.lostHead!.link).toBeGreaterThanOrEqual(link);
      expect(witness!.head!.link).toBeGreaterThan(link);
    });
    const { entries } = await zhejiang.dataCenter.listAuditEntries({ actor: 'node:330000' });
    expect(entries.map(({ action }) => action)).toContain('restored');
    const { entries: heard } = await national.dataCenter.listAuditEntries({ actor: 'node:330000' });
    expect(heard.map(({ action }) => action)).toContain('peer-restored');
    const told = command('verify-audit');
    expect(told).toContain('the audit chain is whole');
    expect(told).toContain('restored from a backup');
  });

  it('R55 the national node gets back what it lost, withdrawals too', async () => {
    await backup('national');
    await zhejiang.registration.submitRegistration({ registration: registration(4) });
    await zhejiang.exchange.setRecordPublicity({
      change: validPublicityChange(
        { record: { kind: MessageKind.LICENCE, ownerOrg: AUTHORITY.code, businessKey: 'LIC-2' } },
        { number: 2, envelope: { sourceOrg: AUTHORITY.code, messageId: testMessageId(41, 2) } },
      ),
    });
    await national.exchange.submitRecord({ record: nationalLicence(2) });
    await eventually(async () => {
      expect(await published(national, 1)).toEqual(['SAMR-1']);
      expect(await published(national, 2)).toContain('SAMR-2');
      await national.registration.getEnterprise({ uscc: testUscc(4) });
    });
    await quiet(zhejiang, national);
    await national.stop();
    // Nobody says that it was restored: it finds out at its start.
    national = await startNational(await restore('national'));
    const { entries } = await national.dataCenter.listAuditEntries({ actor: 'node:100000' });
    expect(entries.find(({ action }) => action === 'restored')?.outcome).toMatch(/^found-at-start/);

    await eventually(async () => {
      expect(await published(national, 1)).toEqual(['SAMR-1']);
      expect(await published(national, 2)).toContain('SAMR-2');
      await national.registration.getEnterprise({ uscc: testUscc(4) });
    });
    await quiet(zhejiang, national);
    const again = await national.exchange.submitRecord({ record: nationalLicence(2) });
    expect(again.receipt?.effect).not.toBe(Effect.UNSPECIFIED);
    await quiet(zhejiang, national);
    for (const node of [zhejiang, national]) expect(await twice(node)).toEqual([]);
    expect(await exchanged(zhejiang, national)).toEqual(await exchanged(national, zhejiang));
  });

  it('D14 what was lost and is sent again does not take the place of what followed it on its day', async () => {
    const apprDate = '2019-12-19';
    const keyed = (businessKey: string) => ({
      number: 5,
      envelope: { businessKey, recordVersion: 1n },
    });
    const currentAt = async (node: TestNode): Promise<string | undefined> => {
      const { enterprise } = await node.registration.getEnterprise({ uscc: testUscc(5) });
      return enterprise?.registration?.envelope?.businessKey;
    };
    const holdsChange = async (): Promise<boolean> => {
      const change = "select 1 from messages where business_key = 'REG-5-change'";
      return (await national.sql(change)).length > 0;
    };
    await zhejiang.registration.submitRegistration({ registration: registration(5) });
    await quiet(zhejiang, national);
    await backup('national_restored');
    await zhejiang.registration.submitRegistration({
      registration: validChange({ ...CATALOGUE, apprDate }, keyed('REG-5-change')),
    });
    await quiet(zhejiang, national);
    await national.stop();
    await zhejiang.registration.submitRegistration({
      registration: validCancellation({ ...CATALOGUE, apprDate }, keyed('REG-5-end')),
    });
    // The province hears of the restoration only when its queue has brought what followed: it asks
    // once, a second after its start and in vain, and then not any more.
    await zhejiang.stop();
    zhejiang = await startZhejiang('zhejiang_restored', '3600000');
    await pause(2_000);
    national = await startNational(await restore('national_restored'));
    await eventually(async () => {
      expect(await currentAt(national)).toBe('REG-5-end');
    });
    expect(await holdsChange()).toBe(false);
    await zhejiang.stop();
    zhejiang = await startZhejiang('zhejiang_restored');

    await eventually(async () => {
      expect(await holdsChange()).toBe(true);
    });
    await quiet(zhejiang, national);
    for (const node of [zhejiang, national]) expect(await currentAt(node)).toBe('REG-5-end');
    for (const node of [zhejiang, national]) expect(await twice(node)).toEqual([]);
    expect(await exchanged(zhejiang, national)).toEqual(await exchanged(national, zhejiang));
  });

  it('R55 D10 marks that were set at the national node come back to it from the province', async () => {
    const HIDDEN = { nonPublic: true, nonPublicBasis: '涉及商业秘密' };
    const { batchSubmitRecords, setRecordPublicity, submitRecord } = national.exchange;
    await zhejiang.registration.batchSubmitRegistrations({
      registrations: [11, 12, 13, 14].map(registration),
    });
    await eventually(() => national.registration.getEnterprise({ uscc: testUscc(14) }));
    await batchSubmitRecords({ records: [11, 12, 13].map((number) => nationalLicence(number)) });
    await zhejiang.exchange.submitRecord({ record: licence(14, 'LIC-14', 14) });
    const everywhere = (expected: (number: number) => string[]) =>
      eventually(async () => {
        for (const node of [zhejiang, national])
          for (const number of [11, 12, 13, 14])
            expect(await published(node, number), `${node.code} ${number}`).toEqual(
              expected(number),
            );
      });
    await everywhere((number) => [number === 14 ? 'LIC-14' : `SAMR-${number}`]);
    await quiet(zhejiang, national);
    await backup('national_restored_restored');

    // By a change, by a new version, by one that is outdated, and of a record of the province.
    await setRecordPublicity({ change: markAtNational(11, SAMR, 'SAMR-11') });
    await submitRecord({ record: nationalLicence(12, 92, HIDDEN) });
    await submitRecord({ record: nationalLicence(13, 91, HIDDEN) });
    await setRecordPublicity({ change: markAtNational(14, AUTHORITY.code, 'LIC-14') });
    await everywhere(() => []);
    await quiet(zhejiang, national);
    await national.stop();
    national = await startNational(await restore('national_restored_restored'));

    await everywhere(() => []);
    await quiet(zhejiang, national);
    // Senders repeat what they sent since the backup.
    await national.exchange.setRecordPublicity({ change: markAtNational(11, SAMR, 'SAMR-11') });
    await national.exchange.submitRecord({ record: nationalLicence(12, 92, HIDDEN) });
    await quiet(zhejiang, national);
    await everywhere(() => []);
    for (const node of [zhejiang, national]) expect(await twice(node)).toEqual([]);
    expect(await exchanged(zhejiang, national)).toEqual(await exchanged(national, zhejiang));
  });
});
