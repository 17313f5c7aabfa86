import type { Knex } from 'knex';
import type { Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { DecidedLeg, NodeContext } from '../domain/decision/decision.js';
import { decideRecord } from '../domain/decision/record.js';
import { decideRegistration } from '../domain/decision/registration.js';
import type { World } from '../domain/decision/world.js';
import { HubError } from '../domain/errors.js';
import { isDataError } from '../storage/data-error.js';
import { BY_INDEX, query } from '../storage/database.js';
import type { Admission } from './admission.js';
import { loadWorld, type Touching } from './situation.js';

/** What would happen to a message. */
export interface Rehearsal {
  readonly findings: readonly Finding[];
  readonly legs: readonly DecidedLeg[];
}

/**
 * Decides a message on what is held now and throws the result away: the same rules as accepting
 * it, no lock and no write. Findings that need stored state come after the others.
 */
export async function rehearse(
  knex: Knex,
  admission: Admission,
  context: NodeContext,
): Promise<Rehearsal> {
  const { head, message, arrival } = admission;
  const findings = findingsOf(admission);
  const touching = { head, message, arrival, withdrawn: undefined };
  const world = await lookUp(knex, touching, context);
  if (!world || !message || message.kind === MessageKind.PUBLICITY_CHANGE)
    return { findings, legs: [] };
  const candidate = { seq: 0, head, message, arrival };
  try {
    const decision =
      message.kind === MessageKind.REGISTRATION
        ? decideRegistration(message.registration, candidate, context, world)
        : decideRecord(message.record, message.kind, candidate, context, world);
    return { findings: [...findings, ...decision.warnings], legs: decision.legs };
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    return { findings: [...findings, ...(error.details.findings ?? [])], legs: [] };
  }
}

const REHEARSAL = Symbol('rehearsal');

/** What submitting it would find: some of that only the encoded message tells, such as its size. */
function findingsOf(admission: Admission): readonly Finding[] {
  try {
    admission.submission(REHEARSAL);
    return admission.findings;
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    return error.details.findings ?? admission.findings;
  }
}

/** The state that a message touches; undefined for one whose keys can't even be looked up. */
async function lookUp(
  knex: Knex,
  touching: Touching,
  context: NodeContext,
): Promise<World | undefined> {
  try {
    return await knex.transaction(
      async (trx) => {
        await query(trx, `select ${BY_INDEX}`);
        return loadWorld(trx, [touching], context);
      },
      { readOnly: true },
    );
  } catch (error) {
    if (isDataError(error)) return undefined;
    throw error;
  }
}
