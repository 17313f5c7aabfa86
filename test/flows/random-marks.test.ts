import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { MessageKind, Operation } from '#gen/zhengzhao/v1/common_pb.js';
import { civilDateIn } from '../../server/domain/identifiers/civil-date.js';
import { createLog } from '../../server/log.js';
import { reconcileLink } from '../../server/reconciliation/reconcile-link.js';
import { openDatabase } from '../../server/storage/database.js';
import {
  AUTHORITY,
  testMessageId,
  testUscc,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { watchForLeaks, type LeakWatch } from '../support/leak-watch.js';
import { eventually, startTrio, type TestNode, type Trio } from '../support/nodes.js';
import { onItsWay } from '../support/on-its-way.js';
import { recordLink, type RecordedLink } from '../support/recorded-link.js';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.js';
import { CLASSES, withTexts, type RecordClass } from '../support/told-texts.js';

const KINDS = {
  licence: MessageKind.LICENCE,
  filing: MessageKind.FILING,
  inspection: MessageKind.INSPECTION,
  penalty: MessageKind.PENALTY,
} as const;

/** What becomes of a record: what its authority does, and what happens on the way. */
const STEPS = [
  'version',
  'hidden version',
  'deletion',
  'mark',
  'mark',
  'clear',
  'dead letter',
  'replay',
  'loss above',
  'reconciliation',
  'pause',
] as const;
type Step = (typeof STEPS)[number];

/** A record of a run, as its authority knows it. */
interface Told {
  readonly kind: RecordClass;
  readonly businessKey: string;
  version: number;
  nonPublic: boolean;
  deleted: boolean;
  changes: number;
  /** Versions that the national node may have been sent: public when they came, or the newest when it became so. */
  readonly allowed: Set<number>;
}

describe('records of every class, with a text of its own in every field', () => {
  let redis: TestRedis | undefined;
  let watch: LeakWatch;
  let link: RecordedLink;
  let trio: Trio;
  let run = 0;
  let messages = 0;
  beforeAll(async () => {
    redis = hasRedis ? await startRedis() : undefined;
    watch = await watchForLeaks(redis);
    trio = await startTrio(redis?.url, {
      nationalLog: watch.log,
      nationalEnv: watch.env,
      before: async (port) => {
        link = await recordLink(port);
        return link.port;
      },
    });
  });
  afterAll(async () => {
    await trio.stop();
    await link.stop();
    await redis?.stop();
  });

  const begin = (kind: RecordClass): Told => ({
    kind,
    businessKey: `${kind}-${run}`,
    version: 1,
    nonPublic: false,
    deleted: false,
    changes: 0,
    allowed: new Set(),
  });
  const messageId = (): string => testMessageId(90, (messages += 1));
  const textOf = ({ kind }: Told, version: number): string => `GEHEIM${run}${kind}V${version}X`;
  const basisOf = ({ kind }: Told): string => `BASIS${run}${kind}X`;
  const licenceNo = (): string => `NUMMER${run}L7`;

  async function report(told: Told, operation: Operation, marked: boolean): Promise<void> {
    const { kind, businessKey, version } = told;
    const record = withTexts(
      kind,
      { businessKey, text: textOf(told, version), licenceNo: licenceNo() },
      {
        number: run,
        nonPublic: marked,
        nonPublicBasis: marked ? basisOf(told) : '',
        envelope: {
          messageId: messageId(),
          recordVersion: BigInt(version),
          operation,
          operationReason: operation === Operation.DELETE ? textOf(told, version) : '',
        },
      },
    );
    await trio.zhejiang.exchange.submitRecord({ record });
    told.nonPublic ||= marked;
    told.deleted = operation === Operation.DELETE;
    if (!told.nonPublic) told.allowed.add(version);
  }

  async function setMark(told: Told, nonPublic: boolean): Promise<void> {
    const { kind, businessKey } = told;
    told.changes += 1;
    const change = validPublicityChange(
      {
        nonPublic,
        basis: basisOf(told),
        record: { kind: KINDS[kind], ownerOrg: AUTHORITY.code, businessKey },
      },
      { envelope: { messageId: messageId(), businessKey, recordVersion: BigInt(told.changes) } },
    );
    await trio.zhejiang.exchange.setRecordPublicity({ change });
    told.nonPublic = nonPublic;
    if (!nonPublic) told.allowed.add(told.version);
  }

  const replay = () =>
    trio.zhejiang.exchange.retryDeliveries({ destination: '100000', requestedBy: '值班员' });

  async function reconcile(): Promise<void> {
    const { zhejiang, national } = trio;
    const day = civilDateIn(Date.now());
    const before = civilDateIn(Date.now() - 86_400_000);
    const knex = openDatabase({ url: inject('databaseUrl'), schema: zhejiang.schema, poolSize: 2 });
    const parts = {
      knex,
      log: createLog('silent', 'test'),
      node: '330000',
      peer: '100000',
      client: national.dataCenter,
      wake: () => undefined,
    };
    await reconcileLink(parts, { fromDate: before, toDate: day }).finally(() => knex.destroy());
  }

  const acts: { readonly [step in Step]: (told: Told) => Promise<unknown> } = {
    version: (told) => {
      told.version += 1;
      return report(told, Operation.UPDATE, false);
    },
    'hidden version': (told) => {
      told.version += 1;
      return report(told, Operation.UPDATE, true);
    },
    deletion: (told) => {
      told.version += 1;
      return report(told, Operation.DELETE, false);
    },
    mark: (told) => setMark(told, true),
    clear: (told) => setMark(told, false),
    'dead letter': ({ businessKey }) =>
      trio.zhejiang.sql(
        `update deliveries d set state = 3 from messages m
          where m.seq = d.message_seq and m.business_key = ? and d.destination = '100000'
            and d.state = 1`,
        [businessKey],
      ),
    replay,
    // As a restore from an older backup leaves it.
    'loss above': async ({ businessKey }) => {
      for (const table of ['messages', 'records'])
        await trio.national.sql(`delete from ${table} where business_key = ?`, [businessKey]);
    },
    reconciliation: reconcile,
    pause: () => new Promise((resolve) => setTimeout(resolve, 40)),
  };

  async function carryOut(told: Told, steps: readonly Step[]): Promise<void> {
    for (const step of steps) await acts[step](told);
  }

  async function shownAt(node: TestNode): Promise<string[]> {
    const shown = await node.dataCenter.getDisclosure({ uscc: testUscc(run) });
    return [...shown.licences, ...shown.filings, ...shown.inspections, ...shown.penalties].map(
      ({ record }) => `${record?.envelope?.businessKey}/${record?.envelope?.recordVersion}`,
    );
  }

  /** Everything has arrived that is to arrive, whatever was lost or stopped on the way. */
  async function settled(shown: readonly string[]): Promise<void> {
    await eventually(async () => {
      await reconcile();
      await replay();
      await trio.zhejiang.sql('update deliveries set next_attempt_at = null where state = 1');
      const nodes = [trio.zhejiang, trio.national];
      // What cites a licence that was marked is called back by the next look, not with the mark.
      expect(await onItsWay(nodes, { dead: true, recalls: true })).toEqual([]);
      for (const node of nodes)
        expect((await shownAt(node)).sort(), node.code).toEqual([...shown].sort());
    });
  }

  it('R55 R54 D5 whatever is done, in whatever order, nothing that is not public is at the national node, and what never was public never left', async () => {
    const history = fc.record({
      marked: fc.boolean(),
      steps: fc.array(fc.constantFrom(...STEPS), { maxLength: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.tuple(history, history, history, history), async (histories) => {
        run += 1;
        const registration = validRegistration({ catalogVersion: '2019.12-prov' }, { number: run });
        await trio.zhejiang.registration.submitRegistration({ registration });
        const all = CLASSES.map(begin);
        const [licence] = all;
        // In this order: the licence is there before what cites it.
        for (const [index, told] of all.entries())
          await report(told, Operation.INSERT, histories[index]?.marked ?? false);
        await Promise.all(all.map((told, index) => carryOut(told, histories[index]?.steps ?? [])));
        const shown = all.filter(({ nonPublic, deleted }) => !nonPublic && !deleted);
        await settled(shown.map(({ businessKey, version }) => `${businessKey}/${version}`));

        for (const told of all) {
          expect(link.hasPassed(basisOf(told)), basisOf(told)).toBe(false);
          for (let one = 1; one <= told.version; one += 1)
            if (!told.allowed.has(one)) expect(link.hasPassed(textOf(told, one))).toBe(false);
        }
        for (const told of shown) expect(link.hasPassed(textOf(told, told.version))).toBe(true);
        for (const { kind } of all.filter(({ nonPublic }) => nonPublic))
          expect(await watch.search(trio.national, `GEHEIM${run}${kind}V`), kind).toEqual([]);
        if (licence?.nonPublic) expect(await watch.search(trio.national, licenceNo())).toEqual([]);
        if (licence?.allowed.size === 0) expect(link.hasPassed(licenceNo())).toBe(false);
      }),
      { numRuns: 5 },
    );
  });
});
