import type { Knex } from 'knex';
import { UnattributedReason } from '#gen/zhengzhao/v1/data_center_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { administered, byName } from '../domain/audit/administration.js';
import type { DecidedLeg, NodeContext } from '../domain/decision/decision.js';
import { furtherDeliveries, place, type Placement } from '../domain/decision/placement.js';
import { World } from '../domain/decision/world.js';
import { HubError, notFound, type Bilingual } from '../domain/errors.js';
import { laneOf, type Lane } from '../domain/lane.js';
import type { RecordState } from '../domain/record/record-state.js';
import { appendAudit } from '../storage/audit.js';
import { insertDeliveries } from '../storage/deliveries.js';
import { findEnterprises } from '../storage/enterprises.js';
import { currentRecordOf, findMessage } from '../storage/message-history.js';
import type { MessageId } from '../storage/messages.js';
import { lockNames, recordKeyName } from '../storage/node-locks.js';
import { upsertRecords } from '../storage/records.js';

/** What a person decided about a record of the work list. */
export type Resolution =
  | { readonly case: 'attributeToUscc'; readonly value: string }
  | { readonly case: 'sendBackReason'; readonly value: string };

/** The record as it stands now, where it goes, and which lanes have work. */
export interface ResolvedNaming {
  readonly record: RecordState;
  readonly legs: readonly DecidedLeg[];
  readonly wakes: readonly Lane[];
}

/**
 * 记名处理 (R29): attributes a waiting record to an enterprise of this node, or sends it back, in one
 * transaction and under the locks of the accept path, so that no message of the record or of the
 * enterprise passes at the same moment. Deciding the same again changes nothing.
 * `by`: `name` as the caller gives it is kept with the record and noted in the audit, whose actor is the
 * caller as it was proved. Throws NOT_FOUND, NOT_IN_STATE.
 */
export async function resolveNaming(
  knex: Knex,
  id: MessageId,
  resolution: Resolution,
  { name: by, actor }: { readonly name: string; readonly actor: string },
  context: NodeContext,
): Promise<ResolvedNaming> {
  return knex.transaction(async (trx) => {
    const message = await findMessage(trx, id);
    const before = message && (await currentRecordOf(trx, message.seq));
    if (!message) throw notFound('该消息', 'message');
    if (!before) throw notWaiting();
    const chosen = resolution.case === 'attributeToUscc' ? resolution.value : '';
    await lockNames(trx, lockedNames(before, chosen));
    // Read again: it may have moved on while the locks were waited for.
    const held = await currentRecordOf(trx, message.seq);
    if (!held) throw notWaiting();
    const world = await loadNeighbourhood(trx, held, chosen);
    const resolved = await (resolution.case === 'attributeToUscc'
      ? attributeByHand(trx, held, { uscc: resolution.value, by }, context, world)
      : sendBack(trx, held, { reason: resolution.value, by }, context, world));
    const entry = administered('naming.resolve', actor, context.nowMs, {
      ...id,
      subject: chosen,
      rules: resolved.legs.map(({ row, code }) => `${row.id}>${code}`),
      outcome: byName(resolution.case === 'attributeToUscc' ? 'ATTRIBUTED' : 'SENT_BACK', by),
    });
    await appendAudit(trx, context.node, [entry]);
    return resolved;
  });
}

function lockedNames({ key, entity, party }: RecordState, chosen: string): string[] {
  const names = [recordKeyName(key), entity, party.uscc, party.regNo, chosen];
  return names.filter((name) => name !== '');
}

async function loadNeighbourhood(
  trx: Knex.Transaction,
  { party }: RecordState,
  chosen: string,
): Promise<World> {
  const usccs = [party.uscc, chosen].filter((uscc) => uscc !== '');
  const regNos = [party.regNo].filter((regNo) => regNo !== '');
  return new World({ enterprises: await findEnterprises(trx, usccs, regNos), records: [] });
}

function isWaiting({ naming, state, reason, sentBack }: RecordState): boolean {
  return (
    naming === 'unnamed' &&
    state === 'current' &&
    reason !== UnattributedReason.UNSPECIFIED &&
    sentBack === ''
  );
}

async function attributeByHand(
  trx: Knex.Transaction,
  held: RecordState,
  { uscc, by }: { readonly uscc: string; readonly by: string },
  context: NodeContext,
  world: World,
): Promise<ResolvedNaming> {
  const decidedSo = held.method === 'manual' && held.naming === 'named' && held.uscc === uscc;
  if (decidedSo) return unchanged(held, context, world);
  if (!isWaiting(held)) throw notWaiting();
  const enterprise = world.byUscc(uscc);
  if (!enterprise) throw notFound('该企业', 'enterprise');
  if (enterprise.homeNode !== context.node) throw notOurs();
  const before = place(held, context, world);
  const after = place(
    {
      ...held,
      naming: 'named',
      uscc,
      reason: UnattributedReason.UNSPECIFIED,
      method: 'manual',
      namedBy: context.node,
      namedAtMs: context.nowMs,
      waitingSinceMs: undefined,
      resolvedBy: by,
      sentBack: '',
    },
    context,
    world,
  );
  return write(trx, { ...after, deliveries: furtherDeliveries(after, before) }, context);
}

async function write(
  trx: Knex.Transaction,
  { record, deliveries, legs }: Placement,
  context: NodeContext,
): Promise<ResolvedNaming> {
  await upsertRecords(trx, [record], context.nowMs);
  await insertDeliveries(trx, deliveries, context.nowMs);
  const wakes = deliveries
    .filter((delivery) => delivery.state === 'open')
    .map(({ destination, entity }) => ({ destination, lane: laneOf(entity) }));
  return { record, legs, wakes };
}

/** It stays unnamed with its reason, and leaves the work list until a new version comes. */
async function sendBack(
  trx: Knex.Transaction,
  held: RecordState,
  { reason, by }: { readonly reason: string; readonly by: string },
  context: NodeContext,
  world: World,
): Promise<ResolvedNaming> {
  if (held.naming === 'unnamed' && held.sentBack === reason) return unchanged(held, context, world);
  if (!isWaiting(held)) throw notWaiting();
  const record = { ...held, sentBack: reason, resolvedBy: by };
  await upsertRecords(trx, [record], context.nowMs);
  return { record, legs: [], wakes: [] };
}

/** The answer that was given before: the same places, and no work. */
function unchanged(record: RecordState, context: NodeContext, world: World): ResolvedNaming {
  const legs = record.naming === 'named' ? place(record, context, world).legs : [];
  return { record, legs, wakes: [] };
}

function notInState(text: Bilingual): HubError {
  return new HubError(ErrorReason.NOT_IN_STATE, text);
}

function notWaiting(): HubError {
  return notInState({
    zh: '该记录不在待记名清单中:已记名、已退回、已删除或已有新版本。',
    en: 'The record does not wait: it was attributed, sent back or deleted, or has a newer version.',
  });
}

function notOurs(): HubError {
  return notInState({
    zh: '该企业由其他节点登记,应由其登记机关所在省记名。',
    en: 'The enterprise is kept by another node, whose province has to attribute the record.',
  });
}
