import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { UnattributedReason } from '#gen/zhengzhao/v1/data_center_pb.js';
import { RecordSchema, type Record } from '#gen/zhengzhao/v1/record_pb.js';
import type { PlannedDelivery } from '../domain/decision/decision.js';
import { blankCitations } from '../domain/disclosure.js';
import { laneFor, type Lane } from '../domain/lane.js';
import { recordKeyText, type RecordKey } from '../domain/message.js';
import { citationsOf, endingsIn } from '../domain/record/citation.js';
import type { RecordState } from '../domain/record/record-state.js';
import { nextRevision } from '../domain/restoration.js';
import { FORWARDING_RULE, type RuleId } from '../domain/routing/table.js';
import { AS_KNOWN } from '../domain/unknown-fields.js';
import {
  deleteCitationRecalls,
  findSentCiting,
  rulesOfCarriage,
  takeCitationRecalls,
  type SentMessage,
} from '../storage/citations.js';
import { insertDeliveries, recallRecord } from '../storage/deliveries.js';
import { findHiddenNumbers } from '../storage/hidden-numbers.js';
import { reserveSequence } from '../storage/messages.js';
import { lockNames, recordKeyName } from '../storage/node-locks.js';
import { findRecords, upsertRecords } from '../storage/records.js';
import { putMark } from './outgoing.js';

/** What calling back citations needs. */
export interface RecallCitingParts {
  readonly knex: Knex;
  /** Where a record may have gone up to. */
  readonly nationalNode: string;
  readonly nowMs: () => number;
  readonly wake: (wakes: readonly Lane[]) => void;
}

/** Licences looked at in one turn. */
const LICENCES = 20;
/** Records called back in one turn; of what cites a licence there is seldom more than one. */
const RECORDS = 200;
/** Messages whose content is held at a time. */
const MESSAGES = 200;

/**
 * Calls back inspections and penalties that went up citing a licence which is not public now, and sends
 * them again without the citation (D5, D7): a content-free withdrawal, behind it the copy. So the national
 * node, of whatever version, deletes the number without being told it. Returns true when more may be
 * left.
 */
export async function recallCiting(parts: RecallCitingParts): Promise<boolean> {
  const { knex, nationalNode, nowMs, wake } = parts;
  const turn = await knex.transaction(async (trx) => {
    const noted = await takeCitationRecalls(trx, LICENCES);
    if (noted.length === 0) return undefined;
    const { stale, all } = await findStale(trx, noted, nationalNode);
    const wakes = await sendAgain(trx, stale, nationalNode, nowMs());
    if (all)
      await deleteCitationRecalls(
        trx,
        noted.map((one) => one.id),
      );
    return { wakes, more: noted.length === LICENCES || !all };
  });
  if (!turn) return false;
  wake(turn.wakes);
  return turn.more;
}

/** A record that went up, as far as it has to be known to send it again. */
type SentRecord = Omit<SentMessage, 'payload' | 'copy' | 'seq'>;

/** The first records to call back, and whether these are all. */
async function findStale(
  trx: Knex.Transaction,
  licences: Parameters<typeof findSentCiting>[1],
  destination: string,
): Promise<{ readonly stale: readonly SentRecord[]; readonly all: boolean }> {
  const stale = new Map<string, SentRecord>();
  for (let after = 0; ;) {
    const page = await findSentCiting(trx, licences, destination, { after, limit: MESSAGES });
    for (const { kind, ownerOrg, businessKey, entity } of await withStaleCopies(trx, page)) {
      const record = { kind, ownerOrg, businessKey, entity };
      const key = recordKeyText(record);
      if (stale.size === RECORDS && !stale.has(key))
        return { stale: [...stale.values()], all: false };
      stale.set(key, record);
    }
    const last = page.at(-1);
    if (!last || page.length < MESSAGES) return { stale: [...stale.values()], all: true };
    after = last.seq;
  }
}

/** Those of which the destination may hold a copy that cites what may not be cited. */
async function withStaleCopies(
  trx: Knex.Transaction,
  sent: readonly SentMessage[],
): Promise<SentMessage[]> {
  const read = sent.flatMap((message) => {
    const record = readRecord(message.payload);
    return record ? [{ message, record }] : [];
  });
  const endings = read.flatMap(({ record }) => citationsOf(record).flatMap(endingsIn));
  const hidden = await findHiddenNumbers(trx, endings);
  return read
    .filter(({ message: { copy }, record }) => {
      if (!blankCitations(record, hidden)) return false;
      // What is not public has not come this far.
      putMark(record, false);
      return !copy?.equals(createHash('sha256').update(toBinary(RecordSchema, record)).digest());
    })
    .map(({ message }) => message);
}

function readRecord(payload: Uint8Array): Record | undefined {
  try {
    // As the copy was made.
    return fromBinary(RecordSchema, payload, AS_KNOWN);
  } catch {
    return undefined;
  }
}

function keyOf({ kind, ownerOrg, businessKey }: SentRecord): RecordKey {
  return { kind, ownerOrg, businessKey };
}

/** By which rule a record goes up whose delivery is in a month that is detached; unset: by none. */
function ruleOf({ naming, origin, reason }: RecordState, destination: string): RuleId | undefined {
  const cameDown = origin === destination;
  if (naming === 'named') return cameDown ? 'UP-NAMED-AFTER-DOWNLINK' : 'UP-NAMED';
  // A newer version that waits here takes its way when it is attributed.
  if (cameDown || reason !== UnattributedReason.UNSPECIFIED) return undefined;
  return FORWARDING_RULE;
}

/** Two revisions for each: the withdrawal, and above it the copy, so that neither overtakes the other. */
async function sendAgain(
  trx: Knex.Transaction,
  sent: readonly SentRecord[],
  destination: string,
  nowMs: number,
): Promise<Lane[]> {
  if (sent.length === 0) return [];
  const keys = sent.map(keyOf);
  // What is accepted at the same moment, of the record or by its enterprise, waits, or was there before.
  await lockNames(trx, [...keys.map(recordKeyName), ...sent.map((one) => one.entity)]);
  const held = await findRecords(trx, keys, []);
  const records = held.filter(({ nonPublic, state }) => !nonPublic && state !== 'withdrawn');
  const [sequence = 0] = await reserveSequence(trx, 1);
  const withdrawn = records.map((record): RecordState => ({
    ...record,
    publicityRevision: nextRevision(record.publicityRevision, sequence),
  }));
  const again = withdrawn.map((record): RecordState => ({
    ...record,
    publicityRevision: record.publicityRevision + 1,
  }));
  const rules = await rulesOfCarriage(
    trx,
    again.map((one) => one.messageSeq),
    destination,
  );
  await upsertRecords(trx, again, nowMs);
  const wakes: Lane[] = [];
  for (const { key, messageSeq, entity, publicityRevision: revision } of withdrawn)
    wakes.push(
      ...(await recallRecord(trx, { key, messageSeq, entity, revision, except: undefined }, nowMs)),
    );
  const deliveries = again.flatMap((record): PlannedDelivery[] => {
    const rule = rules.get(record.messageSeq) ?? ruleOf(record, destination);
    if (rule === undefined) return [];
    return [
      {
        messageSeq: record.messageSeq,
        destination,
        entity: record.entity,
        action: 'carry',
        kind: record.key.kind,
        rule,
        revision: record.publicityRevision,
        state: 'open',
      },
    ];
  });
  await insertDeliveries(trx, deliveries, nowMs);
  return [...wakes, ...deliveries.map(laneFor)];
}
