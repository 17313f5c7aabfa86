import type { Effect, NamingState } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Columns } from './columns.js';
import { query, type Db } from './database.js';

/** What became of an attempt. `attempts`: its number, as it was claimed. */
export type Settlement =
  | {
      readonly id: number;
      readonly state: 'acknowledged';
      readonly effect: Effect;
      readonly naming: NamingState;
      /** The record was sent on to another region, and the far node applied it. Unset: no. */
      readonly forwarded?: boolean;
    }
  | { readonly id: number; readonly attempts: number; readonly state: 'held-back' }
  | {
      readonly id: number;
      readonly attempts: number;
      readonly state: 'dead';
      readonly reason: ErrorReason;
      readonly error: string;
    }
  | {
      readonly id: number;
      readonly attempts: number;
      readonly state: 'retry';
      readonly reason: ErrorReason;
      readonly error: string;
      readonly delayMs: number;
    };

/** A delivery whose outcome was written. */
export interface Settled {
  readonly id: number;
  readonly state: 1 | 2 | 3 | 4;
  readonly action: DeliveryAction;
  readonly messageId: string;
  readonly sourceNode: string;
  readonly destination: string;
  readonly rule: string;
}

const STATE = { acknowledged: 2, 'held-back': 4, dead: 3, retry: 1 } as const;

/**
 * Writes the outcomes of a batch. What a recall settled meanwhile stays as the recall left it. An
 * attempt whose lease ended and that was made anew meanwhile says nothing any more, except that the
 * far node took it: that stays true whichever attempt it was. What the far node answered when it took
 * it stays with what is sent again, however often that fails. A defect of the far node is counted once for
 * each attempt, which may be told of twice: a claim leaves it without a reason, its first outcome does not.
 * Returns those that changed.
 */
export async function settleDeliveries(
  db: Db,
  settlements: readonly Settlement[],
): Promise<Settled[]> {
  if (settlements.length === 0) return [];
  const column = new Columns(settlements);
  const { rows } = await query<Settled>(
    db,
    `update deliveries d
        set state = x.state, last_reason = x.reason, last_error = x.error,
            defects = d.defects + (x.reason = ${ErrorReason.INTERNAL} and d.last_reason = 0)::int,
            far_effect = case when x.state = 2 then x.effect else d.far_effect end,
            far_naming = case when x.state = 2 then x.naming else d.far_naming end,
            settled_at = case when x.state <> 1 then now() end,
            next_attempt_at = case when x.state = 1 then now() + x.delay * interval '1 millisecond' end
       from unnest(?::bigint[], ?::smallint[], ?::smallint[], ?::smallint[], ?::smallint[], ?::text[],
                   ?::double precision[], ?::int[])
              as x(id, state, effect, naming, reason, error, delay, attempts),
            messages m
      where d.id = x.id and d.state = 1 and (x.state = 2 or d.attempts = x.attempts) and m.seq = d.message_seq
     returning d.id, d.state, d.action, d.destination, d.rule, m.message_id as "messageId",
               m.source_node as "sourceNode"`,
    [
      column.int8((s) => s.id),
      column.int2((s) => STATE[s.state]),
      column.int2((s) => (s.state === 'acknowledged' ? s.effect : 0)),
      column.int2((s) => (s.state === 'acknowledged' ? s.naming : 0)),
      column.int2((s) => (s.state === 'dead' || s.state === 'retry' ? s.reason : 0)),
      column.text((s) => (s.state === 'dead' || s.state === 'retry' ? s.error.slice(0, 700) : '')),
      column.float8((s) => (s.state === 'retry' ? s.delayMs : 0)),
      column.int4((s) => (s.state === 'acknowledged' ? 0 : s.attempts)),
    ],
  );
  return rows;
}
