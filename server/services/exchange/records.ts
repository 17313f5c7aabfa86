import type { Knex } from 'knex';
import type { Record } from '#gen/zhengzhao/v1/record_pb.js';
import type { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { SubmissionResult } from '#gen/zhengzhao/v1/common_pb.js';
import type { Call, ServiceMethods } from '../../doors/service.js';
import type { Principal } from '../../domain/access/principal.js';
import type { NodeContext } from '../../domain/decision/decision.js';
import { hasError } from '../../domain/finding.js';
import {
  admitPublicityChange,
  admitRecord,
  heldAgainst,
  type Admission,
} from '../../intake/admission.js';
import { rehearse } from '../../intake/rehearsal.js';
import { toDestination } from '../destinations.js';
import { requireBatch, type FrontDesk } from '../front-desk.js';
import { required } from '../required.js';

/** What taking records needs. */
export interface RecordParts {
  readonly knex: Knex;
  readonly desk: FrontDesk;
  readonly context: () => NodeContext;
}

/**
 * Batches of one stream that are in the database at the same time; more wait at the sender. So a
 * stream may be of any length: it never holds more than these and what is on the line.
 */
export const STREAM_WINDOW = 4;

type RecordMethods = Pick<
  ServiceMethods<typeof Exchange>,
  'checkRecord' | 'submitRecord' | 'batchSubmitRecords' | 'streamRecords' | 'setRecordPublicity'
>;

/** Licences, filings, inspections, penalties and changes of their mark, from systems of this level. */
export function createRecordMethods({ knex, desk, context }: RecordParts): RecordMethods {
  const admit = (record: Record, by: Principal): Admission =>
    heldAgainst(by, admitRecord(record, desk.validation));
  const takeBatch = async (
    records: readonly Record[],
    call: Call,
  ): Promise<{ results: SubmissionResult[] }> => {
    requireBatch(records.length);
    const admissions = records.map((record) => admit(record, call.principal));
    return { results: await desk.takeAll(admissions, call) };
  };

  return {
    async checkRecord({ record }, { principal }) {
      const admission = admit(required(record, 'record'), principal);
      if (admission.barrier) throw admission.barrier;
      const { findings, legs } = await rehearse(knex, admission, context());
      return {
        acceptable: !hasError(findings),
        findings: [...findings],
        destinations: legs.map(toDestination),
      };
    },

    async submitRecord({ record }, call) {
      const admission = admit(required(record, 'record'), call.principal);
      const { receipt, warnings } = await desk.take(admission, call);
      return { receipt, warnings: [...warnings] };
    },

    batchSubmitRecords: ({ records }, call) => takeBatch(records, call),

    streamRecords: (requests, call) => inOrder(requests, ({ records }) => takeBatch(records, call)),

    async setRecordPublicity({ change }, call) {
      const admission = heldAgainst(
        call.principal,
        admitPublicityChange(required(change, 'change'), desk.validation),
      );
      const { receipt, warnings } = await desk.take(admission, call);
      return { receipt, warnings: [...warnings] };
    },
  };
}

/**
 * Works on several requests at once and answers in their order, each as soon as it is there. A place
 * of the window stands for the answer to one more request, whether that has come or not: nothing is
 * read beyond the window, and requests that fail do so behind the answers to those before.
 */
async function* inOrder<I, O>(
  requests: AsyncIterable<I>,
  work: (request: I) => Promise<O>,
): AsyncGenerator<O> {
  const reader = requests[Symbol.asyncIterator]();
  const workOnNext = async (): Promise<O | undefined> => {
    const next = await reader.next();
    return next.done ? undefined : work(next.value);
  };
  const place = (): Promise<O | undefined> => {
    const answer = workOnNext();
    // Seen when its turn comes; until then a failure must not count as unhandled.
    answer.catch(() => undefined);
    return answer;
  };
  const window = Array.from({ length: STREAM_WINDOW }, place);
  try {
    for (;;) {
      const answer = await window.shift();
      if (answer === undefined) return;
      yield answer;
      window.push(place());
    }
  } finally {
    // What was asked for and has not come ends with the call, so it is not waited for here.
    reader.return?.().catch(() => undefined);
  }
}
