import { create } from '@bufbuild/protobuf';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import {
  DeliveryAction,
  DeliveryOutcome,
  Exchange,
  type Delivery,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import { createGrpcClient, type GrpcClient } from '../../clients/grpc.js';
import { issueToken, register, type Reach } from '../../server/access/principals.js';
import type { Role } from '../../server/domain/access/principal.js';
import { openDatabase } from '../../server/storage/database.js';
import {
  foodPermitItem,
  testMessageId,
  testUscc,
  validLicence,
  validPenalty,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { failureOf } from '../support/doors.js';
import { eventually, startTestNode, type TestNode } from '../support/nodes.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };
const STRANGER = '330000000M999';
const NONE: Reach = { regions: [], permitItems: [], actsFor: [] };

interface Caller {
  readonly registration: GrpcClient<typeof Registration>;
  readonly exchange: GrpcClient<typeof Exchange>;
  readonly dataCenter: GrpcClient<typeof DataCenter>;
}

describe("another's data", () => {
  let node: TestNode;
  let knex: Knex;
  const opened: { close(): void }[] = [];
  const event = validRegistration(CATALOGUE);
  const licence = validLicence();
  const authority = licence.envelope?.sourceOrg ?? '';
  const registry = event.envelope?.sourceOrg ?? '';
  const callers = new Map<string, Caller>();

  beforeAll(async () => {
    node = await startTestNode({ HUB_REGION: '330000', HUB_ANONYMOUS: 'none' });
    knex = openDatabase({ url: inject('databaseUrl'), schema: node.schema, poolSize: 2 });
    await caller('registry', 'registry', registry, {
      ...NONE,
      regions: ['330900'],
      permitItems: null,
    });
    await caller('other registry', 'registry', `${registry.slice(0, -1)}Z`, {
      ...NONE,
      regions: ['330100'],
      permitItems: null,
    });
    await caller('authority', 'department', authority, NONE);
    await caller('stranger', 'department', STRANGER, NONE);
    await caller('data unit', 'department', '330000000M998', { ...NONE, actsFor: [authority] });
    await caller('market', 'business', 'market', {
      ...NONE,
      regions: ['330000'],
      permitItems: ['PX-9999'],
    });
    await caller('far market', 'business', 'far', {
      ...NONE,
      regions: ['440000'],
      permitItems: null,
    });
    await as('registry').registration.submitRegistration({ registration: event });
    await as('authority').exchange.submitRecord({ record: licence });
  });
  afterAll(async () => {
    for (const client of opened) client.close();
    await knex.destroy();
    await node.stop();
  });

  async function caller(name: string, role: Role, code: string, reach: Reach): Promise<void> {
    await register(knex, role, code, reach);
    const { token } = await issueToken(knex, role, code, 1);
    const options = { token };
    const clients = {
      registration: createGrpcClient(Registration, node.address, options),
      exchange: createGrpcClient(Exchange, node.address, options),
      dataCenter: createGrpcClient(DataCenter, node.address, options),
    };
    opened.push(...Object.values(clients));
    callers.set(name, clients);
  }

  function as(name: string): Caller {
    const caller = callers.get(name);
    if (!caller) throw new Error(name);
    return caller;
  }

  it("another region's registration is refused, and in a batch by itself", async () => {
    const own = validRegistration(CATALOGUE, { number: 2 });
    const forged = validRegistration(CATALOGUE, { number: 3, envelope: { sourceOrg: STRANGER } });
    const { results } = await as('registry').registration.batchSubmitRegistrations({
      registrations: [forged, own],
    });
    expect(results.map(({ outcome }) => outcome.case)).toEqual(['refusal', 'receipt']);
    const other = as('other registry').registration;
    const there = validRegistration(CATALOGUE, {
      number: 4,
      envelope: { sourceOrg: `${registry.slice(0, -1)}Z` },
    });
    const failure = await failureOf(other.submitRegistration({ registration: there }));
    expect(failure?.reason).toBe('OUT_OF_SCOPE');
    expect((await failureOf(other.checkRegistration({ registration: there })))?.reason).toBe(
      'OUT_OF_SCOPE',
    );
  });

  it('another enterprise is not found, listed or shared', async () => {
    const uscc = testUscc(1);
    expect((await as('registry').registration.getEnterprise({ uscc })).enterprise?.uscc).toBe(uscc);
    expect((await as('authority').registration.getEnterprise({ uscc })).enterprise?.uscc).toBe(
      uscc,
    );
    for (const name of ['other registry', 'stranger', 'market', 'far market']) {
      const { registration, dataCenter } = as(name);
      expect((await failureOf(registration.getEnterprise({ uscc })))?.reason).toBe('NOT_FOUND');
      expect((await failureOf(registration.listRegistrationEvents({ uscc })))?.reason).toBe(
        'NOT_FOUND',
      );
      expect((await dataCenter.searchEnterprises({ query: uscc })).enterprises).toEqual([]);
    }
    const found = await as('authority').dataCenter.searchEnterprises({ query: uscc });
    expect(found.enterprises.map((one) => one.uscc)).toEqual([uscc]);
    for (const [name, subscriber] of [
      ['market', 'market'],
      ['far market', 'far'],
    ] as const) {
      const feed = await as(name).dataCenter.listSharedRegistrations({ subscriber });
      expect(feed.registrations).toEqual([]);
    }
    const others = as('market').dataCenter.listSharedRegistrations({ subscriber: 'far' });
    expect((await failureOf(others))?.reason).toBe('OUT_OF_SCOPE');
  });

  it('R47 a business system sees of an enterprise what concerns its items, whichever way it asks', async () => {
    const packaged = foodPermitItem({
      permitItemCode: 'PX-0041',
      permitItemName: '食品经营许可(仅销售预包装食品)',
      scopeEntryCodes: ['PA0196'],
    });
    const two = validRegistration(
      {
        ...CATALOGUE,
        tel: '0571-87654321',
        postalCode: '310007',
        permitItems: [...event.permitItems, packaged],
        scopeEntryCodes: [...event.scopeEntryCodes, 'PA0196'],
      },
      { number: 31 },
    );
    await as('registry').registration.submitRegistration({ registration: two });
    const scope = { ...NONE, regions: ['330000'] };
    await caller('one item', 'business', 'one', { ...scope, permitItems: ['PX-0041'] });
    await caller('all items', 'business', 'all', { ...scope, permitItems: null });
    const seenBy = async (name: string, subscriber: string) => {
      const { registration, dataCenter } = as(name);
      const { enterprise } = await registration.getEnterprise({ uscc: two.uscc });
      const { events } = await registration.listRegistrationEvents({ uscc: two.uscc });
      const { registrations } = await eventually(async () => {
        const feed = await dataCenter.listSharedRegistrations({ subscriber });
        expect(feed.registrations.at(-1)?.registration?.uscc).toBe(two.uscc);
        return feed;
      });
      const seen = [enterprise, events[0], registrations.at(-1)].map((one) => one?.registration);
      return {
        told: enterprise?.toldDeptCodes,
        ways: seen.map((one) => [
          one?.tel,
          one?.postalCode,
          one?.ftzJudgedBy,
          one?.permitItems.map(({ permitItemCode }) => permitItemCode).join(),
        ]),
      };
    };
    const limited = await seenBy('one item', 'one');
    expect(limited.ways).toEqual(Array(3).fill(['', '', '', 'PX-0041']));
    expect(limited.told).toEqual([authority]);
    const all = await seenBy('all items', 'all');
    expect(all.ways).toEqual(Array(3).fill(['', '', '', 'PX-0035,PX-0041']));
    const whole = await as('registry').registration.getEnterprise({ uscc: two.uscc });
    expect(whole.enterprise?.registration).toMatchObject({
      tel: '0571-87654321',
      ftzJudgedBy: two.ftzJudgedBy,
    });
  });

  it("another department's package is not found, and can't be asked for in its name", async () => {
    const own = await as('authority').dataCenter.listPackages({ receivingDeptCode: authority });
    const packageId = own.packages[0]?.packageId ?? '';
    expect(packageId).not.toBe('');
    const { dataCenter } = as('stranger');
    const inItsName = { packageId, receivingDeptCode: authority };
    const inOwnName = { packageId, receivingDeptCode: STRANGER };
    const report = { status: PackageStatus.RECEIVED, by: 'x' };
    const reasons = await Promise.all(
      [
        dataCenter.listPackages({ receivingDeptCode: authority }),
        dataCenter.getPackage(inItsName),
        dataCenter.acknowledgePackage({ ...inItsName, ...report }),
        dataCenter.getPackage(inOwnName),
        dataCenter.acknowledgePackage({ ...inOwnName, ...report }),
      ].map(async (answer) => (await failureOf(answer))?.reason),
    );
    expect(reasons).toEqual([...Array<string>(3).fill('OUT_OF_SCOPE'), 'NOT_FOUND', 'NOT_FOUND']);
    const fetched = await as('authority').dataCenter.getPackage(inItsName);
    expect(fetched.package?.packageId).toBe(packageId);
    // The audit has who called, whatever name it gives.
    await as('authority').dataCenter.acknowledgePackage({
      ...inItsName,
      status: PackageStatus.RECEIVED,
      by: 'node:100000',
    });
    const acts = await node.sql(
      "select actor, outcome from audit_entries where action = 'package.acknowledge'",
    );
    expect(acts).toEqual([
      { actor: `department:${authority}`, outcome: 'RECEIVED by=node:100000' },
    ]);
  });

  it("another's life line is not found", async () => {
    const messageId = licence.envelope?.messageId ?? '';
    const request = { messageId, localOnly: true };
    for (const name of ['authority', 'data unit'])
      expect((await as(name).exchange.getMessage(request)).receipt?.messageId).toBe(messageId);
    for (const name of ['stranger', 'registry'])
      expect((await failureOf(as(name).exchange.getMessage(request)))?.reason).toBe('NOT_FOUND');
    const missing = await failureOf(
      as('stranger').exchange.getMessage({ ...request, messageId: 'x' }),
    );
    const hidden = await failureOf(as('stranger').exchange.getMessage(request));
    expect(hidden?.message).toBe(missing?.message);
  });

  describe('the national node', () => {
    const NATIONAL = '100000';
    beforeAll(async () => {
      await caller('national', 'node', NATIONAL, NONE);
      for (const number of [41, 42]) {
        const registration = validRegistration(CATALOGUE, { number });
        await as('registry').registration.submitRegistration({ registration });
      }
    });

    /** Fetches and acknowledges whatever is due to go up, until a message is among it. */
    async function fetchUntil(messageId: string): Promise<Delivery> {
      const { exchange } = as('national');
      const request = { node: NATIONAL, maxInFlight: 100 };
      for await (const { deliveryId, delivery, attempt } of exchange.pullMessages(request)) {
        const result = { outcome: DeliveryOutcome.ACCEPTED };
        const acknowledgements = [{ deliveryId, attempt, result }];
        await exchange.acknowledgeMessages({ node: NATIONAL, acknowledgements });
        if (delivery?.messageId === messageId) return delivery;
      }
      throw new Error(messageId);
    }

    /** What it is told of a message: the reason of a refusal, or what may tell of the content. */
    async function told(messageId: string) {
      const { exchange } = as('national');
      const failure = await failureOf(exchange.getMessage({ messageId, localOnly: true }));
      if (failure) return failure.reason;
      const { receipt, warnings, steps } = await exchange.getMessage({
        messageId,
        localOnly: true,
      });
      expect(receipt?.messageId).toBe(messageId);
      expect(steps).not.toEqual([]);
      return { digest: receipt?.digest, proof: receipt?.proof, warnings };
    }
    const NOTHING_OF_CONTENT = { digest: '', proof: undefined, warnings: [] };
    const idOf = ({ envelope }: { envelope?: { messageId: string } | undefined }): string =>
      envelope?.messageId ?? '';

    it('R55 D7 learns nothing of a version that carries the mark, nor of what was called back', async () => {
      const { exchange } = as('authority');
      // Valid before it was decided: a warning that says so, with the days, is kept with it.
      const days = { valFrom: '2019-12-17' };
      const version = (recordVersion: bigint, nonPublic: boolean) =>
        validLicence(days, {
          number: 41,
          nonPublic,
          nonPublicBasis: nonPublic ? '涉及商业秘密' : '',
          envelope: { recordVersion, messageId: testMessageId(70, Number(recordVersion)) },
        });
      const [open, hidden, replaced] = [version(1n, false), version(2n, true), version(3n, true)];
      await exchange.submitRecord({ record: open });
      expect(await told(idOf(open))).toBe('NOT_FOUND');
      await fetchUntil(idOf(open));
      expect(await told(idOf(open))).toEqual(NOTHING_OF_CONTENT);

      await exchange.submitRecord({ record: hidden });
      const withdrawal = await fetchUntil(idOf(hidden));
      expect(withdrawal.action).toBe(DeliveryAction.WITHDRAW);
      for (const record of [open, hidden]) expect(await told(idOf(record))).toBe('NOT_FOUND');

      // Public again by its newest version: of the ones before it only what really went up is told.
      await exchange.submitRecord({ record: replaced });
      const change = validPublicityChange({ nonPublic: false }, { number: 41 });
      await exchange.setRecordPublicity({ change });
      await fetchUntil(idOf(replaced));
      const answers = [open, hidden, replaced].map((record) => told(idOf(record)));
      expect(await Promise.all(answers)).toEqual([
        NOTHING_OF_CONTENT,
        'NOT_FOUND',
        NOTHING_OF_CONTENT,
      ]);

      // Who reported it follows all of it, the withdrawal too.
      const messageId = idOf(hidden);
      const { receipt, warnings, steps } = await exchange.getMessage({
        messageId,
        localOnly: true,
      });
      expect(receipt?.digest).toMatch(/^[0-9a-f]{64}$/);
      expect(receipt?.proof).toBeDefined();
      expect(warnings).not.toEqual([]);
      expect(steps.map(({ textEn }) => textEn)).toContain(`content-free withdrawal to ${NATIONAL}`);
    });

    it('D5 is not told the digest of what cites a licence that is not public', async () => {
      const { exchange } = as('authority');
      const secret = 'JY3330902700042';
      const licence = validLicence(
        { licNo: secret },
        { number: 42, nonPublic: true, nonPublicBasis: '涉及商业秘密' },
      );
      const penalty = validPenalty({ relatedLicenceNo: secret }, { number: 42 });
      await exchange.submitRecord({ record: licence });
      await exchange.submitRecord({ record: penalty });
      const delivery = await fetchUntil(idOf(penalty));
      const { receipt } = await exchange.getMessage({ messageId: idOf(penalty), localOnly: true });
      expect(Buffer.from(delivery.digest).toString('hex')).not.toBe(receipt?.digest);
      expect(await told(idOf(penalty))).toEqual(NOTHING_OF_CONTENT);
      expect(await told(idOf(licence))).toBe('NOT_FOUND');
    });
  });

  it('R26 a department reads the report about itself, and no other part of it', async () => {
    const ask = (name: string, receivingDeptCode: string) =>
      as(name).dataCenter.getExchangeReport({ receivingDeptCode });
    const own = await ask('authority', authority);
    expect(own.departments.map((day) => day.receivingDeptCode)).toEqual([authority]);
    expect(own.intake).toEqual([]);
    for (const code of [authority, ''])
      expect((await failureOf(ask('stranger', code)))?.reason).toBe('OUT_OF_SCOPE');
    expect((await failureOf(ask('market', 'market')))?.reason).toBe('NOT_PERMITTED');
  });

  it('VR23 a record is taken from the authority or its declared data unit only', async () => {
    const named = (sourceOrg: string, number: number) =>
      validLicence(
        {},
        {
          number,
          envelope: { sourceOrg, dataSourceOrgCode: sourceOrg, dataSourceOrgName: '数据单位' },
        },
      );
    const { exchange } = as('stranger');
    for (const record of [validLicence({}, { number: 5 }), named(STRANGER, 6)]) {
      expect((await failureOf(exchange.submitRecord({ record })))?.reason).toBe(
        'NOT_THE_AUTHORITY',
      );
      expect((await failureOf(exchange.checkRecord({ record })))?.reason).toBe('NOT_THE_AUTHORITY');
    }
    const unit = as('data unit').exchange;
    const batch = [named(STRANGER, 7), named('330000000M998', 8), create(RecordSchema, {})];
    const { results } = await unit.batchSubmitRecords({ records: batch });
    expect(results.map(({ outcome }) => outcome.case)).toEqual(['refusal', 'receipt', 'refusal']);
    const answers: string[][] = [];
    for await (const { results: streamed } of unit.streamRecords(once({ records: batch })))
      answers.push(streamed.map(({ outcome }) => outcome.case ?? ''));
    expect(answers).toEqual([['refusal', 'receipt', 'refusal']]);
  });

  it('D5 VR23 nobody else sets the mark, or learns whether there is such a record', async () => {
    const change = validPublicityChange();
    const claimed = await failureOf(as('stranger').exchange.setRecordPublicity({ change }));
    expect(claimed?.reason).toBe('NOT_THE_AUTHORITY');
    const sentBy = { sourceOrg: STRANGER, dataSourceOrgCode: STRANGER };
    const answers = await Promise.all(
      [1, 404].map((number) => {
        const asked = validPublicityChange({}, { number, envelope: sentBy });
        return failureOf(as('stranger').exchange.setRecordPublicity({ change: asked }));
      }),
    );
    expect(answers.map((failure) => failure?.reason)).toEqual(['NOT_FOUND', 'NOT_FOUND']);
    expect(answers[0]?.message).toBe(answers[1]?.message);
    expect(await marks('LIC-1')).toEqual([{ non_public: false }]);
    const { receipt } = await as('authority').exchange.setRecordPublicity({ change });
    expect(receipt?.messageId).toBe(change.envelope?.messageId);
    expect(await marks('LIC-1')).toEqual([{ non_public: true }]);
  });

  it('D5 VR23 whose data unit may change the mark the register says, not the record', async () => {
    const unit = '330000000M997';
    const sentBy = { sourceOrg: unit, dataSourceOrgCode: unit };
    const record = validLicence({}, { number: 21, envelope: sentBy });
    await caller('former unit', 'department', unit, { ...NONE, actsFor: [authority] });
    await as('former unit').exchange.submitRecord({ record });
    const changed = (nonPublic: boolean, recordVersion: bigint, sourceOrg: string) =>
      validPublicityChange(
        { nonPublic },
        {
          number: 21,
          envelope: {
            messageId: `00000021-0000-4000-8000-00000000000${recordVersion}`,
            recordVersion,
            sourceOrg,
            dataSourceOrgCode: sourceOrg,
          },
        },
      );
    const set = (name: string, change: ReturnType<typeof changed>) =>
      as(name).exchange.setRecordPublicity({ change });
    await set('former unit', changed(true, 2n, unit));

    // Another unit acts for the authority from now on.
    await caller('former unit, let go', 'department', unit, NONE);
    const refused = await failureOf(set('former unit, let go', changed(false, 3n, unit)));
    expect(refused?.reason).toBe('NOT_FOUND');
    expect(await marks('LIC-21')).toEqual([{ non_public: true }]);

    await set('data unit', changed(false, 4n, '330000000M998'));
    expect(await marks('LIC-21')).toEqual([{ non_public: false }]);
  });

  function marks(businessKey: string): Promise<{ non_public: boolean }[]> {
    return node.sql('select non_public from records where business_key = ?', [businessKey]);
  }
});

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}
