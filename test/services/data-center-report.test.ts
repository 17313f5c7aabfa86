import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { GetExchangeReportResponse } from '#gen/zhengzhao/v1/data_center_pb.js';
import { LANES_IN_USE } from '../../server/domain/lane.js';
import { seedShelf } from '../../server/catalog/seed.js';
import { insertRefusals } from '../../server/storage/refusals.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import {
  BUILDER_NOW_MS,
  BUILDER_TODAY,
  testMessageId,
  testUscc,
  validChange,
  validInspection,
  validLicence,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import {
  exchange,
  fieldsOf,
  openDataCenter,
  refusalWith,
  type TestDataCenter,
} from '../support/data-center.js';

const DAY_MS = 86_400_000;
const SECRET = { nonPublic: true, nonPublicBasis: '涉及商业秘密' };

let province: TestDataCenter;
let national: TestDataCenter;
beforeEach(async () => {
  [province, national] = await Promise.all([openDataCenter(), openDataCenter('national')]);
});
afterEach(() => Promise.all([province.close(), national.close()]));

describe('GetExchangeReport', () => {
  const today = (centre = province): Promise<GetExchangeReportResponse> =>
    centre.ask.getExchangeReport({});
  const goneUp = async (centre = province): Promise<bigint> =>
    (await today(centre)).nonPublicGoneUp;

  it('counts what came, with what became of it', async () => {
    await province.register(validRegistration());
    await province.record(
      validLicence(),
      validLicence(
        { licId: 'LIC-S' },
        { ...SECRET, envelope: { messageId: testMessageId(40, 1) } },
      ),
      validLicence(
        { licId: 'LIC-N', counterpart: { uscc: testUscc(1), entName: '别的名称' } },
        { envelope: { messageId: testMessageId(40, 2) } },
      ),
    );
    await province.record(validLicence({}, { envelope: { messageId: testMessageId(40, 3) } }));
    const { node, intake } = await today();
    expect(node).toBe('330000');
    expect(intake).toMatchObject([
      { kind: MessageKind.REGISTRATION, origin: 'client', accepted: 1n, published: 1n },
      {
        kind: MessageKind.LICENCE,
        origin: 'client',
        accepted: 4n,
        stale: 1n,
        named: 2n,
        waiting: 1n,
        published: 1n,
        nonPublic: 1n,
      },
    ]);
  });

  it('R29 what was sent back waits no more, however it is counted', async () => {
    await province.record(validLicence());
    const waiting = async () => {
      const { intake, senders } = await today();
      return [intake[0]?.waiting, senders[0]?.waiting];
    };
    expect(await waiting()).toEqual([1n, 1n]);
    await province.knex('records').update({ sent_back: '查无此主体' });
    expect(await waiting()).toEqual([0n, 0n]);
  });

  it('counts where it went, by rule and state, and the packages', async () => {
    await province.register(validRegistration());
    await exchange(province, national);
    await province.record(validInspection(), validLicence({}, SECRET));
    const { destinations } = await today();
    expect(destinations).toMatchObject([
      { destination: '100000', action: 'CARRY', state: 'ACKNOWLEDGED', rule: 'UP-REGISTRATION' },
      { kind: MessageKind.LICENCE, state: 'HELD_BACK', rule: 'UP-HELD-BACK', count: 1n },
      { kind: MessageKind.INSPECTION, state: 'OPEN', rule: 'UP-NAMED', count: 1n },
      { destination: 'packages', action: '', state: 'BUILT', rule: 'DEPT-OPTIMISED', count: 1n },
    ]);
    const there = await today(national);
    expect(there.intake).toMatchObject([{ origin: '330000', accepted: 1n, published: 1n }]);
  });

  it('counts every rule that refused, and refusals without a rule', async () => {
    await refusalWith('ENTITY_NOT_FOUND', province.register(validChange()));
    const refusal = { atMs: BUILDER_NOW_MS, origin: 'client', sourceOrg: 'X', kind: 2 };
    await insertRefusals(province.knex, [
      { ...refusal, reason: ErrorReason.VALIDATION_FAILED, rules: ['VR8', 'VR17'], codes: [] },
      { ...refusal, reason: ErrorReason.VALIDATION_FAILED, rules: ['VR8'], codes: [] },
      { ...refusal, reason: ErrorReason.BACKLOG_FULL, rules: [], codes: [] },
    ]);
    const { refusals } = await today();
    expect(refusals.map(({ reason, rule, count }) => [reason, rule, count])).toEqual([
      ['VALIDATION_FAILED', 'VR17', 1n],
      ['VALIDATION_FAILED', 'VR8', 2n],
      ['ENTITY_NOT_FOUND', 'VR17', 1n],
      ['BACKLOG_FULL', '', 1n],
    ]);
  });

  it('D12 a day is a day in Shanghai, and the range holds both its ends', async () => {
    province.nowMs = Date.parse('2019-12-19T23:59:59+08:00');
    await province.register(validRegistration());
    province.nowMs += 2_000;
    await province.register(validRegistration({}, { number: 2 }));
    const accepted = async (fromDate: string, toDate: string) => {
      const { intake } = await province.ask.getExchangeReport({ fromDate, toDate });
      return intake[0]?.accepted;
    };
    expect((await today()).intake[0]?.accepted).toBe(1n);
    expect(await accepted('2019-12-19', '2019-12-19')).toBe(1n);
    expect(await accepted('2019-12-19', BUILDER_TODAY)).toBe(2n);
    expect(await accepted('2019-12-21', '2020-12-21')).toBeUndefined();
  });

  it('refuses ranges that are none or too long', async () => {
    const ask = (fromDate: string, toDate: string) =>
      refusalWith('VALIDATION_FAILED', province.ask.getExchangeReport({ fromDate, toDate }));
    expect(fieldsOf(await ask('2019-12-20', '2020-12-21'))).toEqual(['to_date']);
    expect(fieldsOf(await ask('2019-12-21', ''))).toEqual(['to_date']);
    expect(fieldsOf(await ask('20191220', ''))).toEqual(['from_date']);
  });

  it('R55 a late mark is an alarm until the national node has confirmed the withdrawal', async () => {
    await province.register(validRegistration());
    await province.record(validLicence());
    await exchange(province, national);
    expect(await goneUp()).toBe(0n);
    await province.mark(validPublicityChange());
    expect(await goneUp()).toBe(1n);
    await exchange(province, national);
    expect(await goneUp()).toBe(0n);
    expect(await goneUp(national)).toBe(0n);
  });

  it('R55 what was held back from the start, or was never delivered, is no alarm', async () => {
    await province.register(validRegistration());
    await province.record(validLicence({}, SECRET), validInspection());
    await exchange(province, national);
    expect(await goneUp()).toBe(0n);
  });

  it('R55 a leak that no withdrawal followed is an alarm, however long ago', async () => {
    await province.register(validRegistration());
    await province.record(validLicence());
    await exchange(province, national);
    await province.knex('records').update({ non_public: true });
    province.nowMs += 400 * DAY_MS;
    expect(await goneUp()).toBe(1n);
  });

  it('R55 a mark that the national node itself set on its own record is no alarm', async () => {
    await province.register(validRegistration());
    await exchange(province, national);
    const envelope = { sourceNode: '100000' };
    await national.record(validLicence({}, { envelope }));
    await exchange(national, province);
    await exchange(province, national);
    await national.mark(validPublicityChange({}, { envelope }));
    await exchange(national, province);
    const [row] = await province.knex('records').select('non_public');
    expect(row).toEqual({ non_public: true });
    expect(await goneUp()).toBe(0n);
  });
});

describe('GetNodeStatus', () => {
  it('tells who the node is and how it stands', async () => {
    await seedShelf(province.parts.shelf, '330000', province.parts.log);
    await province.register(validRegistration());
    await province.record(
      validLicence({ counterpart: { uscc: testUscc(1), entName: '别的名称' } }),
    );
    const status = await province.ask.getNodeStatus({});
    expect(status).toMatchObject({
      node: '330000',
      name: '浙江省',
      level: 'provincial',
      version: '0.0.0-test',
      queueBackend: 'postgres',
      catalogLag: 2,
      backlog: 7n,
      backlogLimit: 500n,
      unattributed: 1n,
    });
    expect(status.catalogVersions.map(({ layer, inForce }) => [layer, inForce]).sort()).toEqual([
      ['100000', true],
      ['330000', true],
    ]);
    expect(Number(status.startedAt?.seconds)).toBe(BUILDER_NOW_MS / 1000 - 3600);
  });

  it('tells the state of every link, also of one that is not configured any more', async () => {
    await province.register(validRegistration());
    const before = await province.ask.getNodeStatus({});
    expect(before.links).toMatchObject([{ destination: '100000', push: true, open: 1n, dead: 0n }]);
    expect(Number(before.links[0]?.oldestOpenAt?.seconds)).toBe(BUILDER_NOW_MS / 1000);
    expect(before.links[0]?.lastAcknowledgedAt).toBeUndefined();

    await exchange(province, national);
    const after = await province.ask.getNodeStatus({});
    expect(after.links[0]).toMatchObject({ open: 0n, acknowledgedLastMinute: 1n });
    expect(after.links[0]?.oldestOpenAt).toBeUndefined();
    expect(after.links[0]?.lastAcknowledgedAt).toBeDefined();

    const [there] = (await national.ask.getNodeStatus({})).links;
    expect(there).toMatchObject({ destination: '330000', push: true, open: 0n });
    await national.knex.raw(
      `insert into deliveries (message_seq, destination, entity, lane, action, kind, rule, revision,
              state, created_at)
       values (1, '650000', 'X', ?, 1, 1, 'DOWN-REGISTRATION', 0, 3, now())`,
      [LANES_IN_USE - 1],
    );
    const { links, level } = await national.ask.getNodeStatus({});
    expect(level).toBe('national');
    expect(links.map(({ destination, push, dead }) => [destination, push, dead])).toEqual([
      ['330000', true, 0n],
      ['440000', false, 0n],
      ['650000', false, 1n],
    ]);
  });
});
