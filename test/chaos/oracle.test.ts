import { describe, expect, it } from 'vitest';
import { isClean, judge, type Verdict } from '../../chaos/oracle/verdict.js';
import { change, cleanRun, remove, type PlantableRun } from './clean-run.js';

function verdictOf({ history, nodes }: PlantableRun): Verdict {
  return judge(history, Object.values(nodes));
}

/** A defect that a test plants, and a word of what the oracle must say about it. */
interface Planted {
  readonly defect: string;
  readonly plant: (run: PlantableRun) => void;
  readonly says: string;
}

function finds(kind: keyof Verdict, planted: readonly Planted[]): void {
  it.each(planted)('$defect', ({ plant, says }) => {
    const run = cleanRun();
    plant(run);
    const verdict = verdictOf(run);
    expect(verdict[kind].join('\n')).toContain(says);
    expect(isClean(verdict)).toBe(false);
  });
}

const named = (messageId: string) => (row: { messageId: string }) => row.messageId === messageId;
const recorded = (record: string) => (row: { record: string }) => row.record === record;

describe('The oracle of the chaos run', () => {
  it('finds nothing where nothing is wrong', () => {
    expect(verdictOf(cleanRun())).toEqual({
      lost: [],
      appliedTwice: [],
      outOfOrder: [],
      leaked: [],
      badReceipts: [],
      brokenChains: [],
    });
  });

  it('takes a message without an answer as it is held: either way is right', () => {
    const taken = cleanRun();
    remove(taken.history.told, named('visitor-1'));
    expect(isClean(verdictOf(taken))).toBe(true);
    const lost = cleanRun();
    remove(lost.history.told, named('visitor-1'));
    for (const node of Object.values(lost.nodes)) {
      remove(node.messages, named('visitor-1'));
      remove(node.records, recorded('visitor'));
    }
    expect(isClean(verdictOf(lost))).toBe(true);
  });

  it('takes the same receipt, marked as a repetition, as often as it comes', () => {
    const run = cleanRun();
    const [first] = run.history.told;
    run.history.told.push({ ...first!, duplicate: true }, { ...first!, duplicate: true });
    expect(isClean(verdictOf(run))).toBe(true);
  });

  describe('finds what is lost', () => {
    finds('lost', [
      {
        defect: 'a message that was acknowledged and is not held',
        plant: ({ nodes }) => remove(nodes.zhejiang.messages, named('licence-1')),
        says: 'licence-1 (record) not at 330000',
      },
      {
        defect: 'a registration that never came to the national node',
        plant: ({ nodes }) => remove(nodes.national.messages, named('renamed')),
        says: 'renamed (registration) not at 100000',
      },
      {
        defect: 'a message of which only the id came up',
        plant: ({ nodes }) =>
          change(nodes.national.messages, named('licence-2'), { hasContent: false }),
        says: 'licence-2 (record) not at 100000',
      },
      {
        defect: 'a record of another province that never came to the home of its enterprise',
        plant: ({ nodes }) => remove(nodes.zhejiang.messages, named('visitor-1')),
        says: 'visitor-1 (record) not at 330000',
      },
      {
        defect: 'a change of the name without effect',
        plant: ({ nodes }) =>
          change(nodes.zhejiang.enterprises, () => true, { name: '甲', formerNames: [] }),
        says: 'never was called 乙',
      },
      {
        defect: 'a version without effect',
        plant: ({ nodes }) => change(nodes.national.records, recorded('licence'), { version: 1 }),
        says: 'record licence of 330000 is not current and named at 100000',
      },
      {
        defect: 'a record that was never attributed',
        plant: ({ nodes }) => change(nodes.national.records, recorded('visitor'), { named: false }),
        says: 'record visitor of 440000 is not current and named at 100000',
      },
      {
        defect: 'a mark that was set and is not there',
        plant: ({ nodes }) =>
          change(nodes.zhejiang.records, recorded('flagged'), { nonPublic: false }),
        says: 'record flagged of 330000 has lost a change of its mark',
      },
      {
        defect: 'a record that did not go up after its mark was cleared',
        plant: ({ nodes }) => remove(nodes.national.records, recorded('cleared')),
        says: 'record cleared of 330000 is not current and named at 100000',
      },
      {
        defect: 'a delivery that stays open',
        plant: ({ nodes }) => change(nodes.zhejiang.deliveries, () => true, { state: 'open' }),
        says: 'to 100000 is open',
      },
      {
        defect: 'a dead letter',
        plant: ({ nodes }) =>
          change(nodes.national.deliveries, () => true, { state: 'dead', lastError: 'INTERNAL' }),
        says: 'is dead: INTERNAL',
      },
      {
        defect: 'a valid message that was refused, as what it builds on is gone',
        plant: ({ history }) =>
          history.refused.push({ messageId: 'renamed', reason: 'ENTITY_NOT_FOUND' }),
        says: 'renamed refused for good: ENTITY_NOT_FOUND',
      },
    ]);
  });

  describe('finds what was applied twice', () => {
    finds('appliedTwice', [
      {
        defect: 'a message that is stored twice',
        plant: ({ nodes }) =>
          nodes.national.messages.push({ ...nodes.national.messages[0]!, seq: 99 }),
        says: 'message 330000/established is there again at 100000',
      },
      {
        defect: 'two packages of one event for one department',
        plant: ({ nodes }) => nodes.zhejiang.packages.push(nodes.zhejiang.packages[0]!),
        says: 'package 1 for 330000000M660 is there again at 330000',
      },
      {
        defect: 'two deliveries for one reason',
        plant: ({ nodes }) => nodes.zhejiang.deliveries.push(nodes.zhejiang.deliveries[0]!),
        says: 'delivery 1 to 100000 by UP-NAMED',
      },
      {
        defect: 'two receipts that both say that the message was new',
        plant: ({ history }) => history.told.push({ ...history.told[1]!, receiptNo: '330000-77' }),
        says: 'licence-1 was accepted as new again: 330000-77',
      },
      {
        defect: 'a mark that was changed more often than it was sent',
        plant: ({ nodes }) => change(nodes.zhejiang.records, recorded('cleared'), { revision: 3 }),
        says: 'mark of cleared changed 3 times, not 1',
      },
    ]);
  });

  describe('finds what is out of order', () => {
    finds('outOfOrder', [
      {
        defect: 'a message that overtook another of its enterprise',
        plant: ({ nodes }) => {
          change(nodes.national.messages, named('renamed'), { seq: 50 });
          change(nodes.national.messages, named('licence-2'), { seq: 40 });
        },
        says: 'licence-2 before renamed at 100000',
      },
      {
        defect: 'changes that took effect the other way round',
        plant: ({ nodes }) =>
          change(nodes.national.enterprises, () => true, { name: '甲', formerNames: ['乙'] }),
        says: 'at 100000 are not in the order sent',
      },
      {
        defect: 'a receipt that calls the newest message stale',
        plant: ({ history }) => change(history.told, named('licence-2'), { effect: 'STALE' }),
        says: 'licence-2 was stale at 330000',
      },
      {
        defect: 'a record whose current version is not the one sent last',
        plant: ({ nodes }) => change(nodes.zhejiang.records, recorded('licence'), { version: 9 }),
        says: 'record licence at 330000 has a version that was not sent last',
      },
    ]);
  });

  describe('R55: finds what leaked', () => {
    finds('leaked', [
      {
        defect: 'a record that was never public',
        plant: ({ nodes }) =>
          nodes.national.records.push({
            ...nodes.zhejiang.records.find(recorded('secret'))!,
            nonPublic: false,
          }),
        says: 'record secret is at the national node',
      },
      {
        defect: 'a record that was withdrawn and is still there',
        plant: ({ nodes }) =>
          change(nodes.national.records, recorded('flagged'), { state: 'current' }),
        says: 'record flagged is at the national node',
      },
      {
        defect: 'the content of a withdrawn record',
        plant: ({ nodes }) =>
          change(nodes.national.messages, named('flagged-1'), { hasContent: true }),
        says: 'content of flagged-1 is at the national node',
      },
      {
        defect: 'its text in a log',
        plant: ({ nodes }) => nodes.national.secretPlaces.push('log api-1.log'),
        says: 'text that was never public is in log api-1.log',
      },
    ]);
  });

  describe('finds receipts that do not verify', () => {
    finds('badReceipts', [
      {
        defect: 'the digest of other content',
        plant: ({ history }) => change(history.told, named('flag'), { digest: 'other' }),
        says: 'its digest is not that of the message',
      },
      {
        defect: 'stored content of another digest',
        plant: ({ nodes }) => change(nodes.zhejiang.messages, named('flag'), { digest: 'other' }),
        says: 'its digest is not the stored one',
      },
      {
        defect: 'a number of its own',
        plant: ({ history }) => change(history.told, named('flag'), { receiptNo: '330000-4711' }),
        says: 'its number is not the stored one',
      },
      {
        defect: 'another time',
        plant: ({ history }) => change(history.told, named('flag'), { acceptedAtMs: 1 }),
        says: 'its time is not the stored one',
      },
      {
        defect: 'another node',
        plant: ({ history }) => change(history.told, named('flag'), { node: '440000' }),
        says: 'names another node',
      },
      {
        defect: 'a second receipt that differs from the first',
        plant: ({ history }) =>
          history.told.push({ ...history.told[0]!, duplicate: true, acceptedAtMs: 1 }),
        says: 'established was given different receipts',
      },
      {
        defect: 'one receipt for two messages',
        plant: ({ history }) => change(history.told, named('flag'), { receiptNo: '330000-1' }),
        says: 'receipt 330000-1 was given to two messages',
      },
      {
        defect: 'a receipt for a message that nobody sent',
        plant: ({ history }) => change(history.told, named('flag'), { messageId: 'unknown' }),
        says: 'nobody sent this message',
      },
      {
        defect: 'a signature that does not fit',
        plant: ({ history }) =>
          change(history.told, named('flag'), { signatureProblem: 'its signature does not fit' }),
        says: 'its signature does not fit',
      },
    ]);
  });

  describe('finds a broken chain', () => {
    finds('brokenChains', [
      {
        defect: 'an audit entry that does not follow the one before',
        plant: ({ nodes }) => nodes.guangdong.chainProblems.push('entry 12 does not follow 11'),
        says: '440000: entry 12 does not follow 11',
      },
    ]);
  });
});
