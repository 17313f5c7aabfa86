import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  testUscc,
  validLicence,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { eventually, startTrio, type TestNode, type Trio } from '../support/nodes.js';
import { onItsWay } from '../support/on-its-way.js';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.js';
import { watchForLeaks, type LeakWatch } from '../support/leak-watch.js';

/** What an authority does with one of its licences. */
type Step = 'version' | 'hidden-version' | 'late-hidden-version' | 'mark' | 'clear' | 'pause';

/** What the licence is after the steps: its newest version, and whether it is public. */
interface Expected {
  version: number;
  nonPublic: boolean;
}

const steps: readonly Step[] = [
  'version',
  'version',
  'hidden-version',
  'late-hidden-version',
  'mark',
  'clear',
  'pause',
];
const LICENCES = 3;

describe('random histories of the not-public mark', () => {
  let redis: TestRedis | undefined;
  let watch: LeakWatch;
  let trio: Trio;
  let run = 0;
  beforeAll(async () => {
    redis = hasRedis ? await startRedis() : undefined;
    watch = await watchForLeaks(redis);
    trio = await startTrio(redis?.url, { nationalLog: watch.log, nationalEnv: watch.env });
  });
  afterAll(async () => {
    await trio.stop();
    await redis?.stop();
  });

  const id = (series: number, number: number, version: number): string =>
    `${series.toString(16).padStart(8, '0')}-0000-4000-8000-${(number * 100 + version)
      .toString(16)
      .padStart(12, '0')}`;

  /** Text that occurs in one version of one licence of one run and nowhere else. */
  const marker = (number: number, version: number): string => `GEHEIM${number}V${version}X`;

  async function licencesAt(node: TestNode, number: number): Promise<string[]> {
    const { licences } = await node.dataCenter.getDisclosure({ uscc: testUscc(number) });
    return licences.map((one) =>
      one.record?.body.case === 'licence' ? one.record.body.value.licItem : '',
    );
  }

  /** Carries out the steps of one licence, as its authority would. */
  async function carryOut(number: number, history: readonly Step[]): Promise<Expected> {
    const { zhejiang } = trio;
    const state: Expected = { version: 1, nonPublic: false };
    let change = 0;
    let late = 0;
    const submit = async (
      nonPublic: boolean,
      version = state.version,
      message = id(30, number, version),
    ): Promise<void> => {
      await zhejiang.exchange.submitRecord({
        record: validLicence(
          { licItem: marker(number, version) },
          {
            number,
            nonPublic,
            nonPublicBasis: nonPublic ? '涉及商业秘密' : '',
            envelope: {
              messageId: message,
              recordVersion: BigInt(version),
            },
          },
        ),
      });
      state.nonPublic ||= nonPublic;
    };
    await submit(false);
    for (const step of history) {
      if (step === 'pause') await new Promise((resolve) => setTimeout(resolve, 30));
      else if (step === 'late-hidden-version') {
        // Of a number that is held or was replaced: it is not taken, but its mark is.
        late += 1;
        await submit(true, Math.max(1, state.version - 1), id(32, number, late));
      } else if (step === 'version' || step === 'hidden-version') {
        state.version += 1;
        await submit(step === 'hidden-version');
      } else {
        change += 1;
        const nonPublic = step === 'mark';
        await zhejiang.exchange.setRecordPublicity({
          change: validPublicityChange(
            { nonPublic },
            {
              number,
              envelope: { messageId: id(31, number, change), recordVersion: BigInt(change) },
            },
          ),
        });
        state.nonPublic = nonPublic;
      }
    }
    return state;
  }

  it('R55 whatever is done in whatever order, what ends as not public is nowhere at the national node: database, queue, log, metrics', async () => {
    const history = fc.array(fc.constantFrom(...steps), { maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(history, { minLength: LICENCES, maxLength: LICENCES }),
        async (all) => {
          run += 1;
          const numbers = all.map((_, index) => run * 10 + index);
          await trio.zhejiang.registration.batchSubmitRegistrations({
            registrations: numbers.map((number) =>
              validRegistration({ catalogVersion: '2019.12-prov' }, { number }),
            ),
          });
          const expected = await Promise.all(
            all.map((one, index) => carryOut(numbers[index] ?? 0, one)),
          );
          await eventually(async () => {
            expect(await onItsWay([trio.national, trio.zhejiang])).toEqual([]);
          });
          for (const [index, { version, nonPublic }] of expected.entries()) {
            const number = numbers[index] ?? 0;
            const shown = nonPublic ? [] : [marker(number, version)];
            expect(await licencesAt(trio.zhejiang, number)).toEqual(shown);
            expect(await licencesAt(trio.national, number)).toEqual(shown);
            if (!nonPublic) continue;
            for (let one = 1; one <= version; one += 1)
              expect(await watch.search(trio.national, marker(number, one))).toEqual([]);
          }
        },
      ),
      { numRuns: 8 },
    );
  });
});
