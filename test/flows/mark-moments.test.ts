import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { PublicityChange, Record } from '#gen/zhengzhao/v1/record_pb.js';
import { civilDateIn } from '../../server/domain/identifiers/civil-date.js';
import { createLog } from '../../server/log.js';
import { reconcileLink } from '../../server/reconciliation/reconcile-link.js';
import { openDatabase } from '../../server/storage/database.js';
import {
  testMessageId,
  testUscc,
  validLicence,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { watchForLeaks, type LeakWatch } from '../support/leak-watch.js';
import { openGate, type LinkGate } from '../support/link-gate.js';
import { eventually, startTrio, type TestNode, type Trio } from '../support/nodes.js';
import { onItsWay } from '../support/on-its-way.js';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.js';

/** What the authority does with the mark of a licence. */
const PLANS = {
  set: { marked: true, changes: [] },
  late: { marked: false, changes: [true] },
  cleared: { marked: false, changes: [true, false] },
  again: { marked: false, changes: [true, false, true] },
} as const;
type Plan = keyof typeof PLANS;
const plans = Object.keys(PLANS) as Plan[];

const MOMENTS = [
  'waits in the queue',
  'is in flight',
  'was delivered',
  'is a dead letter that never arrived',
  'is a dead letter that did arrive',
  'is replayed',
  'is sent again by a reconciliation',
] as const;
type Moment = (typeof MOMENTS)[number];

/** On Redis those moments in which the queue has something to do. */
const ON_REDIS: readonly Moment[] = ['waits in the queue', 'is in flight', 'is replayed'];

const backends: { backend: string; redis: boolean; tried: readonly Moment[] }[] = [
  { backend: 'PostgreSQL', redis: false, tried: MOMENTS },
  ...(hasRedis ? [{ backend: 'Redis', redis: true, tried: ON_REDIS }] : []),
];

describe.each(backends)(
  'the mark at every moment of a message, on $backend',
  ({ redis, tried }) => {
    let server: TestRedis | undefined;
    let watch: LeakWatch;
    let gate: LinkGate;
    let trio: Trio;
    beforeAll(async () => {
      server = redis ? await startRedis() : undefined;
      watch = await watchForLeaks(server);
      trio = await startTrio(server?.url, {
        nationalLog: watch.log,
        nationalEnv: watch.env,
        before: async (port) => {
          gate = await openGate(port);
          return gate.port;
        },
      });
    });
    afterAll(async () => {
      await trio.stop();
      await gate.stop();
      await server?.stop();
    });

    const secret = (number: number): string => `GEHEIM${number}X`;

    /** Every text of its own that a licence of a number has. */
    function licenceOf(number: number, plan: Plan): Record {
      const { marked } = PLANS[plan];
      const mark = secret(number);
      return validLicence(
        { licItem: `${mark}I`, licNo: `${mark}N`, licDocNo: `${mark}D` },
        { number, nonPublic: marked, nonPublicBasis: marked ? `${mark}B` : '' },
      );
    }

    function changeOf(number: number, nonPublic: boolean, version: number): PublicityChange {
      return validPublicityChange(
        { nonPublic, basis: `${secret(number)}C` },
        {
          number,
          envelope: {
            messageId: testMessageId(60 + version, number),
            recordVersion: BigInt(version),
          },
        },
      );
    }

    const openUpward = () =>
      trio.zhejiang.sql<{ id: string }>(
        "select id from deliveries where state = 1 and destination = '100000'",
      );

    /** Nothing is on its way, without waiting longer than needed for the next attempt. */
    async function quiet(): Promise<void> {
      await eventually(async () => {
        await trio.zhejiang.sql(
          'update deliveries set next_attempt_at = null where state = 1 and last_reason > 0',
        );
        expect(await onItsWay([trio.national, trio.zhejiang])).toEqual([]);
      });
    }

    async function register(numbers: readonly number[]): Promise<void> {
      const registrations = numbers.map((number) =>
        validRegistration({ catalogVersion: '2019.12-prov' }, { number }),
      );
      await trio.zhejiang.registration.batchSubmitRegistrations({ registrations });
    }

    async function report(numbers: readonly number[]): Promise<void> {
      const records = numbers.map((number, index) => licenceOf(number, plans[index] ?? 'set'));
      const { results } = await trio.zhejiang.exchange.batchSubmitRecords({ records });
      expect(results.map((one) => one.outcome.case)).toEqual(plans.map(() => 'receipt'));
    }

    /** All licences of the plans, with their enterprises. */
    async function submit(numbers: readonly number[]): Promise<void> {
      await register(numbers);
      await report(numbers);
    }

    async function change(numbers: readonly number[]): Promise<void> {
      for (const [index, number] of numbers.entries())
        for (const [version, nonPublic] of PLANS[plans[index] ?? 'set'].changes.entries())
          await trio.zhejiang.exchange.setRecordPublicity({
            change: changeOf(number, nonPublic, version + 1),
          });
    }

    async function shown(node: TestNode, number: number): Promise<string[]> {
      const { licences } = await node.dataCenter.getDisclosure({ uscc: testUscc(number) });
      return licences.map((one) => one.record?.envelope?.businessKey ?? '');
    }

    const keysOf = (numbers: readonly number[]): string[] => numbers.map((one) => `LIC-${one}`);

    /**
     * Their deliveries to the national node become dead letters, whatever they were. Again, when an attempt
     * that ends at this moment is in the way: of two that wait for each other PostgreSQL stops one.
     */
    async function kill(numbers: readonly number[]): Promise<void> {
      const killed = await eventually(() =>
        trio.zhejiang.sql(
          `update deliveries d set state = 3 from messages m
        where m.seq = d.message_seq and m.business_key = any(?) and d.destination = '100000'
       returning d.id`,
          [keysOf(numbers)],
        ),
      );
      expect(killed).toHaveLength(numbers.length);
    }

    async function delivered(numbers: readonly number[]): Promise<void> {
      await submit(numbers);
      await eventually(async () => {
        const rows = await trio.national.sql<{ business_key: string }>(
          'select business_key from records where business_key = any(?) order by business_key',
          [keysOf(numbers)],
        );
        // All but the one that is marked from the beginning.
        expect(rows.map((row) => row.business_key)).toEqual(keysOf(numbers.slice(1)));
      });
      await quiet();
    }

    /** What a restore from an older backup leaves of them at the national node. */
    async function lose(numbers: readonly number[]): Promise<void> {
      for (const table of ['messages', 'records'])
        await trio.national.sql(`delete from ${table} where business_key = any(?)`, [
          keysOf(numbers),
        ]);
    }

    async function reconcile(): Promise<{ missingThere: number; resent: number }> {
      const { zhejiang, national } = trio;
      const toDate = civilDateIn(Date.now());
      // What was accepted before midnight is of yesterday.
      const fromDate = civilDateIn(Date.now() - 86_400_000);
      const knex = openDatabase({
        url: inject('databaseUrl'),
        schema: zhejiang.schema,
        poolSize: 2,
      });
      const parts = {
        knex,
        log: createLog('silent', 'test'),
        node: '330000',
        peer: '100000',
        client: national.dataCenter,
        wake: () => undefined,
      };
      return reconcileLink(parts, { fromDate, toDate }).finally(() => knex.destroy());
    }

    /** Brings the licences of the numbers to a moment. */
    const reach: { [moment in Moment]: (numbers: readonly number[]) => Promise<void> } = {
      'waits in the queue': async (numbers) => {
        gate.set('shut');
        await submit(numbers);
        expect(await openUpward()).not.toEqual([]);
      },
      'is in flight': async (numbers) => {
        await register(numbers);
        await quiet();
        gate.set('answers-held');
        await report(numbers);
        await eventually(async () => {
          const rows = await trio.national.sql(
            'select 1 from messages where business_key = any(?)',
            [keysOf(numbers)],
          );
          expect(rows.length).toBeGreaterThan(0);
        });
        expect(await openUpward()).not.toEqual([]);
      },
      'was delivered': delivered,
      'is a dead letter that never arrived': async (numbers) => {
        gate.set('shut');
        await submit(numbers);
        await kill(numbers);
      },
      'is a dead letter that did arrive': async (numbers) => {
        await delivered(numbers);
        await kill(numbers);
      },
      'is replayed': async (numbers) => {
        await delivered(numbers);
        await kill(numbers);
        gate.set('shut');
        const { reopened } = await trio.zhejiang.exchange.retryDeliveries({
          destination: '100000',
          requestedBy: '值班员',
        });
        expect(reopened).toBe(numbers.length - 1);
      },
      'is sent again by a reconciliation': async (numbers) => {
        await delivered(numbers);
        await lose(numbers);
        gate.set('shut');
        const lost = numbers.length - 1;
        expect(await reconcile()).toMatchObject({ missingThere: lost, resent: lost });
      },
    };

    it.each(tried.map((moment, index) => [moment, index] as const))(
      'R55 D7 a licence that %s: marked, late, cleared, marked again, the national node keeps what is public and a tombstone',
      async (moment, index) => {
        const numbers = plans.map((_, plan) => 1000 + index * 100 + plan);
        await reach[moment](numbers);
        await change(numbers);
        gate.set('open');
        await eventually(async () => {
          await trio.zhejiang.exchange.retryDeliveries({
            destination: '100000',
            requestedBy: '值班员',
          });
          await quiet();
          for (const node of [trio.zhejiang, trio.national])
            for (const [plan, number] of numbers.entries())
              expect(await shown(node, number), `${node.code} ${plans[plan]}`).toEqual(
                plans[plan] === 'cleared' ? [`LIC-${number}`] : [],
              );
        });
        for (const [plan, number] of numbers.entries()) {
          if (plans[plan] === 'cleared') continue;
          expect(await watch.search(trio.national, secret(number)), plans[plan]).toEqual([]);
          await expectTombstone(number);
        }
        // Marked from the beginning, nobody there knows that it exists.
        expect(await watch.search(trio.national, `LIC-${numbers[0]}`)).toEqual([]);
        // Every withdrawal was confirmed.
        const { nonPublicGoneUp } = await trio.zhejiang.dataCenter.getExchangeReport({});
        expect(nonPublicGoneUp).toBe(0n);
        expect(await reconcile()).toMatchObject({ missingThere: 0, missingHere: 0, different: 0 });
      },
    );

    it('R54 what is public is found by the same search, so that it can fail', async () => {
      const number = 2000;
      const registrations = [validRegistration({ catalogVersion: '2019.12-prov' }, { number })];
      await trio.zhejiang.registration.batchSubmitRegistrations({ registrations });
      await trio.zhejiang.exchange.submitRecord({ record: licenceOf(number, 'late') });
      await quiet();
      expect(await watch.search(trio.national, secret(number))).toContain('messages.payload');
      watch.log.info({ text: 'GEHEIMLOG' }, 'written by the test');
      expect(await watch.search(trio.national, 'GEHEIMLOG')).toEqual(['log']);
    });

    /** At most: which record it was, that it is withdrawn, and that messages of it were there. */
    async function expectTombstone(number: number): Promise<void> {
      const key = [`LIC-${number}`];
      const [record, ...others] = await trio.national.sql<{ [column: string]: unknown }>(
        'select * from records where business_key = ?',
        key,
      );
      expect(others).toEqual([]);
      if (record)
        expect(record).toMatchObject({
          state: 3,
          entity: '',
          uscc: null,
          counterpart: {},
          permit_item_code: '',
          licence_no: '',
          published_at: null,
          authority_org: '',
          named_by: '',
          resolved_by: '',
        });
      const messages = await trio.national.sql<{ [column: string]: unknown }>(
        'select payload, entity, source_org, warnings from messages where business_key = ?',
        key,
      );
      for (const message of messages)
        expect(message).toEqual({ payload: null, entity: '', source_org: '', warnings: [] });
    }
  },
);
