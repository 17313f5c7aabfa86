import { timestampDate } from '@bufbuild/protobuf/wkt';
import { NamingState } from '#gen/zhengzhao/v1/common_pb.js';
import type { Delivery } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { Knex } from 'knex';
import {
  neverLost,
  notItsRecord,
  objectionToWord,
  type Standing,
} from '../../domain/access/neighbours-word.js';
import type { HubError } from '../../domain/errors.js';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { recordKeyText } from '../../domain/message.js';
import { GIVEN_BACK } from '../../domain/restoration.js';
import type { Facts } from '../../domain/validation/facts.js';
import type { ValidationContext } from '../../domain/validation/context.js';
import type { Neighbour } from '../../intake/admit-delivery.js';
import { recordKeyOf } from '../../intake/situation.js';
import type { Submission } from '../../intake/submission.js';
import { NATIONAL_NODE } from '../../reference/nodes.js';
import { lastRestoration, type Restoration } from '../../storage/restorations.js';
import { standingsOf } from '../../storage/standings.js';

/** A delivery that was admitted by itself. */
export interface Admitted {
  readonly delivery: Delivery;
  readonly submission: Submission;
}

/** Clocks of two nodes differ by less. */
const MARGIN_MS = 600_000;
/** For how long after a restore this node does not hold against a province what it may have forgotten. */
const FORGETFUL_MS = 31 * 86_400_000;

/**
 * Why this node does not believe a neighbour, one answer for each delivery; undefined: it does. The
 * national node speaks for all provinces, but gives back nothing that was not lost; a province speaks
 * for itself. The database is asked once for a call, and only when a delivery is about others' records,
 * withdraws one, or gives something back.
 */
export async function objections(
  admitted: readonly Admitted[],
  from: Neighbour,
  { facts, nowMs, node }: Pick<ValidationContext, 'facts' | 'nowMs' | 'node'>,
  knex: Knex,
): Promise<readonly (HubError | undefined)[]> {
  const isGivenBack = ({ delivery, submission }: Admitted): boolean =>
    delivery.rule === GIVEN_BACK && submission.head.sourceNode === node;
  const asked = admitted.filter((one) => !isGivenBack(one) && concernsOthers(one, from));
  const givesBack = admitted.some(isGivenBack);
  const restored = asked.length > 0 || givesBack ? await lastRestoration(knex) : undefined;
  const keys = asked.flatMap(({ submission }) => recordKeyOf(submission) ?? []);
  const standings = await standingsOf(knex, from.node, keys);
  const forgetful = restored !== undefined && nowMs - restored.restoredAt.getTime() < FORGETFUL_MS;
  return admitted.map((one) => {
    if (isGivenBack(one)) return wasLost(one.delivery, restored) ? undefined : neverLost();
    if (from.side !== 'province') return undefined;
    const objection = objectionToWord(wordOf(one, from, facts), isRegistration(one));
    if (objection || !asked.includes(one) || forgetful) return objection;
    return isBelieved(one, standings) ? undefined : notItsRecord(from.node);
  });
}

function isRegistration({ submission }: Admitted): boolean {
  return submission.head.kind === MessageKind.REGISTRATION;
}

function concernsOthers({ submission }: Admitted, { node, side }: Neighbour): boolean {
  if (side !== 'province') return false;
  return submission.withdrawn !== undefined || submission.head.sourceNode !== node;
}

/** A withdrawal may come before its record; content of others' records only after it was sent there. */
function isBelieved({ submission }: Admitted, standings: ReadonlyMap<string, Standing>): boolean {
  const key = recordKeyOf(submission);
  const standing = key && standings.get(recordKeyText(key));
  return standing === 'party' || (standing === 'unknown' && submission.withdrawn !== undefined);
}

function wordOf({ delivery, submission }: Admitted, { node }: Neighbour, facts: Facts) {
  const { message } = submission;
  const registration =
    message?.kind === MessageKind.REGISTRATION ? message.registration : undefined;
  const { attribution } = delivery;
  return {
    node,
    sourceNode: submission.head.sourceNode,
    registeredIn:
      registration &&
      (registration.regOrg === NATIONAL_NODE
        ? facts.provinceOf(registration.domDistrict)
        : facts.nodeOfRegOrg(registration.regOrg)),
    attributedBy: attribution?.state === NamingState.NAMED ? attribution.node : undefined,
  };
}

/** What was taken in here after the restore can not have been lost by it. */
function wasLost({ hops }: Delivery, restored: Restoration | undefined): boolean {
  const taken = hops[0]?.acceptedAt;
  const takenMs = taken ? timestampDate(taken).getTime() : 0;
  return restored !== undefined && takenMs <= restored.restoredAt.getTime() + MARGIN_MS;
}
