import { fromBinary } from '@bufbuild/protobuf';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import {
  EventType,
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { NodeContext } from '../domain/decision/decision.js';
import { keyOfChange } from '../domain/decision/publicity.js';
import { World } from '../domain/decision/world.js';
import { isRecordKind, partyOf, recordKeyText, type RecordKey } from '../domain/message.js';
import type { Enterprise } from '../domain/registration/enterprise.js';
import { Columns } from '../storage/columns.js';
import { query, type Db } from '../storage/database.js';
import { findEnterprises } from '../storage/enterprises.js';
import { lockNames } from '../storage/node-locks.js';
import { findAttributed, findRecords } from '../storage/records.js';
import type { Submission } from './submission.js';

/** The part of a submission that tells what it touches. */
export type Touching = Pick<Submission, 'head' | 'message' | 'withdrawn' | 'arrival'>;

/** What a submission reads and changes, by name. */
interface Touched {
  readonly usccs: readonly string[];
  readonly regNos: readonly string[];
  readonly keys: readonly RecordKey[];
}

/** The record a submission is about, if it is about one. */
export function recordKeyOf(submission: Touching): RecordKey | undefined {
  const { head, message, withdrawn } = submission;
  if (withdrawn) return withdrawn;
  if (message?.kind === MessageKind.PUBLICITY_CHANGE) return keyOfChange(message.change);
  if (!isRecordKind(head.kind)) return undefined;
  return { kind: head.kind, ownerOrg: head.ownerOrg, businessKey: head.businessKey };
}

function touchedBy(submission: Touching): Touched {
  const { message } = submission;
  const key = recordKeyOf(submission);
  const keys = key ? [key] : [];
  if (message?.kind === MessageKind.REGISTRATION)
    return { usccs: [submission.head.entity], regNos: present(message.registration.regNo), keys };
  if (!message || message.kind === MessageKind.PUBLICITY_CHANGE)
    return { usccs: [], regNos: [], keys };
  const party = partyOf(message.record);
  return {
    usccs: [...present(party.uscc), ...present(submission.arrival.attribution?.uscc)],
    regNos: present(party.regNo),
    keys,
  };
}

function present(text: string | undefined): string[] {
  return text ? [text] : [];
}

/**
 * Takes the locks of everything that a batch touches. A change of the mark names only its record:
 * the record's enterprise is looked up first and locked too, because its registration may
 * attribute the record at the same moment. Throws Outpaced when the enterprise changed between the
 * look and the lock; the batch is tried again.
 */
export async function lockTouched(db: Db, submissions: readonly Touching[]): Promise<void> {
  const keys = submissions.flatMap((submission) =>
    submission.head.entity === '' ? (recordKeyOf(submission) ?? []) : [],
  );
  const before = await entitiesOf(db, keys);
  const names = submissions.flatMap((submission) => {
    const { usccs, regNos, keys: own } = touchedBy(submission);
    return [...usccs, ...regNos, ...own.map(recordKeyName), submission.head.entity];
  });
  await lockNames(db, [...names, ...before]);
  const after = await entitiesOf(db, keys);
  if (after.some((entity, index) => entity !== before[index])) throw new Outpaced();
}

/** Another batch changed something between a look and its lock. */
export class Outpaced extends Error {}

/** Enterprises of records as the records are held now, in the order of the keys. */
async function entitiesOf(db: Db, keys: readonly RecordKey[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const column = new Columns(keys);
  const { rows } = await query<{ entity: string }>(
    db,
    `select coalesce(r.entity, '') as entity
       from unnest(?::smallint[], ?::text[], ?::text[]) with ordinality
         as k(kind, owner_org, business_key, position)
       left join records r using (kind, owner_org, business_key)
      order by position`,
    [
      column.int2((key) => key.kind),
      column.text((key) => key.ownerOrg),
      column.text((key) => key.businessKey),
    ],
  );
  return rows.map((row) => row.entity);
}

/** Name of a record's lock, with separators that PostgreSQL's text accepts. */
export function recordKeyName(key: RecordKey): string {
  return recordKeyText(key).replaceAll('\u0000', '\n');
}

/** Everything that a batch touches, read after its locks are held. */
export async function loadWorld(
  db: Db,
  submissions: readonly Touching[],
  context: NodeContext,
): Promise<World> {
  const touched = submissions.map(touchedBy);
  const usccs = touched.flatMap((one) => one.usccs);
  const regNos = touched.flatMap((one) => one.regNos);
  const keys = touched.flatMap((one) => one.keys);
  const enterprises = await findEnterprises(db, usccs, regNos);
  const records = await findRecords(db, keys, [...usccs, ...regNos]);
  // A change of the mark or a later version may concern an enterprise that the message does not name.
  const known = new Set(enterprises.map((enterprise) => enterprise.uscc));
  const further = records.flatMap((record) => present(record.uscc ?? record.party.uscc));
  const missing = further.filter((uscc) => !known.has(uscc));
  const more = missing.length > 0 ? await findEnterprises(db, missing, []) : [];
  const following = await findAttributed(db, moving(submissions, enterprises, context));
  return new World({
    enterprises: [...enterprises, ...more],
    records: [...records, ...following],
    previousEvents: await previousEvents(db, submissions),
  });
}

/** Enterprises that move to another province, seen from the national node: their records follow. */
function moving(
  submissions: readonly Touching[],
  enterprises: readonly Enterprise[],
  context: NodeContext,
): string[] {
  if (context.level !== 'national') return [];
  const homes = new Map(enterprises.map((enterprise) => [enterprise.uscc, enterprise.homeNode]));
  return submissions.flatMap(({ message, head }) => {
    if (message?.kind !== MessageKind.REGISTRATION) return [];
    const { regOrg, domDistrict } = message.registration;
    const before = homes.get(head.entity);
    return before && before !== context.homeNodeOf(regOrg, domDistrict) ? [head.entity] : [];
  });
}

/** Decoded current events of the enterprises that a client changes (VR19). */
async function previousEvents(
  db: Db,
  submissions: readonly Touching[],
): Promise<Map<string, RegistrationEvent>> {
  const changed = submissions
    .filter(
      ({ message, arrival }) =>
        arrival.side === 'client' &&
        message?.kind === MessageKind.REGISTRATION &&
        message.registration.eventType === EventType.CHANGE,
    )
    .map((submission) => submission.head.entity);
  if (changed.length === 0) return new Map();
  const { rows } = await query<{ uscc: string; payload: Buffer | null }>(
    db,
    `select e.uscc, m.payload from enterprises e join messages m on m.seq = e.message_seq
      where e.uscc = any(?::text[])`,
    [changed],
  );
  return new Map(
    rows.flatMap(({ uscc, payload }) =>
      payload ? [[uscc, fromBinary(RegistrationEventSchema, payload)] as const] : [],
    ),
  );
}
