import { fromBinary } from '@bufbuild/protobuf';
import { EventType, RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { eventKey, type HeldEvents } from '../domain/registration/sequence.js';
import { Columns } from './columns.js';
import { queryPrepared, type Db } from './database.js';

/** An event whose predecessors are asked for. */
export interface AskedEvent {
  readonly uscc: string;
  readonly sourceNode: string;
  readonly businessKey: string;
  /** Whether the content of the current event is wanted. */
  readonly compared: boolean;
  /** Whether it may move the enterprise, so that the day is wanted from which its home keeps it. */
  readonly moves: boolean;
}

/** Events of a home that are looked through for its establishment. */
const LOOKED_THROUGH = 200;

interface HeldRow {
  readonly uscc: string;
  readonly source: string;
  readonly takenInAt: Date;
  readonly payload: Buffer | null;
  /** Events of the present home; null: they were not asked for, or it is one of them that comes. */
  readonly ofHome: readonly Buffer[] | null;
  /** Null: no event of the key is held. */
  readonly version: number | null;
}

/**
 * Of each enterprise its current event, and the highest version held of each key that is asked for.
 * Enterprises that are not held are left out. In a transaction {@link BY_INDEX}.
 */
export async function findHeldEvents(
  db: Db,
  asked: readonly AskedEvent[],
): Promise<Map<string, HeldEvents>> {
  if (asked.length === 0) return new Map();
  const column = new Columns(asked);
  const { rows } = await queryPrepared<HeldRow & AskedEvent>(
    db,
    'find held events',
    `select k.uscc, k.source_node as "sourceNode", k.business_key as "businessKey",
            c.source_node as source, case when k.compared then c.payload end as payload,
            case when k.moves and k.source_node <> e.home_node then array(
              select m.payload from messages m
               where m.kind = 1 and m.entity = k.uscc and m.source_node = e.home_node
                 and m.payload is not null
               order by m.seq desc limit ${LOOKED_THROUGH}) end as "ofHome",
            coalesce(nullif(c.hops -> 0 ->> 'at', '')::timestamptz, c.accepted_at) as "takenInAt",
            (select max(m.record_version) from messages m
              where m.kind = 1 and m.entity = k.uscc and m.source_node = k.source_node
                and m.business_key = k.business_key) as version
       from unnest(?::text[], ?::text[], ?::text[], ?::boolean[], ?::boolean[])
              as k(uscc, source_node, business_key, compared, moves)
       join enterprises e on e.uscc = k.uscc
       join messages c on c.seq = e.message_seq`,
    [
      column.text((one) => one.uscc),
      column.text((one) => one.sourceNode),
      column.text((one) => one.businessKey),
      column.bool((one) => one.compared),
      column.bool((one) => one.moves),
    ],
  );
  const held = new Map<string, HeldEvents>();
  for (const { uscc, sourceNode, businessKey, version, ofHome, ...current } of rows) {
    const before = held.get(uscc) ?? heldFrom(current);
    const versions = new Map(before.versions);
    if (version !== null) versions.set(eventKey(sourceNode, businessKey), version);
    const homeSince = before.homeSince ?? establishedOn(ofHome ?? []);
    held.set(uscc, { ...before, versions, homeSince });
  }
  return held;
}

function heldFrom({
  source,
  takenInAt,
  payload,
}: Pick<HeldRow, 'source' | 'takenInAt' | 'payload'>): HeldEvents {
  return {
    currentSource: source,
    currentTakenInAtMs: takenInAt.getTime(),
    ...(payload && { current: fromBinary(RegistrationEventSchema, payload) }),
    versions: new Map(),
  };
}

/** 核准日期 of the last establishment among events. */
function establishedOn(payloads: readonly Buffer[]): string | undefined {
  return payloads
    .map((payload) => fromBinary(RegistrationEventSchema, payload))
    .filter((event) => event.eventType === EventType.ESTABLISH)
    .map((event) => event.apprDate)
    .sort()
    .at(-1);
}
