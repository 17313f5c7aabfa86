import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { EventType } from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { NodeContext } from '../domain/decision/decision.js';
import { keyOfChange } from '../domain/decision/publicity.js';
import { World } from '../domain/decision/world.js';
import { isRecordKind, partyOf, type RecordKey } from '../domain/message.js';
import type { Enterprise } from '../domain/registration/enterprise.js';
import type { HeldEvents } from '../domain/registration/sequence.js';
import { together, type Db } from '../storage/database.js';
import { findEnterprises } from '../storage/enterprises.js';
import { findHeldEvents } from '../storage/held-events.js';
import { findRegistrationOwners, type AskedRegistration } from '../storage/registration-owners.js';
import { lockNames, recordKeyName } from '../storage/node-locks.js';
import { entitiesOf, findAttributed, findRecords } from '../storage/records.js';
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
 * attribute the record at the same moment. Answers every name that is locked now. Throws Outpaced when
 * the enterprise changed between the look and the lock; the batch is tried again.
 */
export async function lockTouched(
  db: Db,
  submissions: readonly Touching[],
  further: readonly string[],
): Promise<ReadonlySet<string>> {
  const keys = submissions.flatMap((submission) =>
    submission.head.entity === '' ? (recordKeyOf(submission) ?? []) : [],
  );
  const before = await entitiesOf(db, keys);
  const names = submissions.flatMap((submission) => {
    const { usccs, regNos, keys: own } = touchedBy(submission);
    return [...usccs, ...regNos, ...own.map(recordKeyName), submission.head.entity];
  });
  const locked = new Set([...names, ...before, ...further]);
  await lockNames(db, [...locked]);
  const after = await entitiesOf(db, keys);
  if (after.some((entity, index) => entity !== before[index])) throw new Outpaced([]);
  return locked;
}

/**
 * A new version may name another enterprise than the record was held under: that one's registration,
 * which attributes the version before, must not run at the same time. Rare, so it is seen after
 * loading, and the batch is tried again with the names that were missing.
 */
export function requireLocked(
  submissions: readonly Touching[],
  world: World,
  locked: ReadonlySet<string>,
): void {
  const missing = submissions.flatMap((submission) => {
    const key = recordKeyOf(submission);
    const entity = key && world.record(key)?.entity;
    return entity && !locked.has(entity) ? [entity] : [];
  });
  if (missing.length > 0) throw new Outpaced(missing);
}

/** Another batch changed something between a look and its lock, or may do so. */
export class Outpaced extends Error {
  /** `names`: to be locked besides when the batch is tried again. */
  constructor(readonly names: readonly string[]) {
    super('outpaced by another batch');
  }
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
  const [enterprises, records] = await together([
    findEnterprises(db, usccs, regNos),
    findRecords(db, keys, [...usccs, ...regNos]),
  ]);
  // A change of the mark or a later version may concern an enterprise that the message does not name.
  const known = new Set(enterprises.map((enterprise) => enterprise.uscc));
  const further = records.flatMap((record) => present(record.uscc ?? record.party.uscc));
  const missing = further.filter((uscc) => !known.has(uscc));
  const [more, following, held, registrationOwners] = await together([
    missing.length > 0 ? findEnterprises(db, missing, []) : [],
    findAttributed(db, moving(submissions, enterprises, context)),
    heldEvents(db, submissions, enterprises),
    findRegistrationOwners(db, submissions.flatMap(referredTo)),
  ]);
  return new World({
    enterprises: [...enterprises, ...more],
    records: [...records, ...following],
    heldEvents: held,
    registrationOwners,
  });
}

/** The registration with which a client says that a filing was made (VR21). */
function referredTo({ message, head, arrival }: Touching): AskedRegistration[] {
  if (message?.kind !== MessageKind.FILING || arrival.side !== 'client') return [];
  const { body } = message.record;
  if (body.case !== 'filing') return [];
  const { registrationEventId } = body.value;
  return [{ messageId: registrationEventId, uscc: head.entity, sourceNode: head.sourceNode }];
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

/** What is held of the events of enterprises that a batch has further events of. */
async function heldEvents(
  db: Db,
  submissions: readonly Touching[],
  enterprises: readonly Enterprise[],
): Promise<Map<string, HeldEvents>> {
  const known = new Set(enterprises.map((enterprise) => enterprise.uscc));
  const asked = submissions.flatMap(({ message, head, arrival }) => {
    if (message?.kind !== MessageKind.REGISTRATION || !known.has(head.entity)) return [];
    const { entity: uscc, sourceNode, businessKey } = head;
    // Only what a client says is held against what was said before (VR19).
    const compared = arrival.side === 'client';
    const moves = message.registration.eventType === EventType.ESTABLISH;
    return [{ uscc, sourceNode, businessKey, compared, moves }];
  });
  return findHeldEvents(db, asked);
}
