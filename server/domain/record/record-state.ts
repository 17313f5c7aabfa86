import type { Licence, Record as RecordMessage } from '#gen/zhengzhao/v1/record_pb.js';
import { UnattributedReason } from '#gen/zhengzhao/v1/data_center_pb.js';
import { NOBODY, type Party, type RecordKey } from '../message.js';
import { realDate } from '../validation/field-checks.js';
import type { AttributionMethod } from './attribution.js';

/** What a node holds of a record besides the message itself. */
export interface RecordState {
  readonly key: RecordKey;
  readonly recordVersion: number;
  /** The stored message that holds the current version. */
  readonly messageSeq: number;
  readonly sourceNode: string;
  readonly messageId: string;
  /** `client`, or the node that delivered it. */
  readonly origin: string;
  readonly entity: string;
  readonly party: Party;
  /** Enterprise it was attributed to; undefined while unnamed. */
  readonly uscc: string | undefined;
  readonly naming: 'named' | 'unnamed';
  /** Why it waits in the work list; UNSPECIFIED when it does not wait here. */
  readonly reason: UnattributedReason;
  readonly method: AttributionMethod | '';
  readonly namedBy: string;
  readonly namedAtMs: number | undefined;
  readonly waitingSinceMs: number | undefined;
  /** Who attributed it by hand or sent it back; empty: nobody did. */
  readonly resolvedBy: string;
  /** Reason with which a person sent it back; empty otherwise. */
  readonly sentBack: string;
  readonly nonPublic: boolean;
  /** The content of this version or of an earlier one carries the mark itself, whatever was changed since. */
  readonly contentMarked: boolean;
  /** Counts the changes of the mark (D7). */
  readonly publicityRevision: number;
  /** Version of the last change of the mark. */
  readonly changeVersion: number;
  /**
   * Data unit stated when it was reported; empty: none. It may change the mark only where no register
   * of callers says whose data unit a sender is.
   */
  readonly authorityOrg: string;
  readonly state: 'current' | 'deleted' | 'withdrawn';
  readonly permitItemCode: string;
  /** Numbers of a licence and of its document, a line each: what others must not cite when it is hidden (D5). */
  readonly licenceNo: string;
  /** Last day of publicity; empty: no end, or none that is a day (VR9). */
  readonly shownUntil: string;
  readonly publishedAtMs: number | undefined;
}

/**
 * Whether a record was reported at a node. After a restore another node may have brought it back there, so
 * that its origin alone does not tell.
 */
export function isReportedAt(node: string, { origin, sourceNode }: RecordState): boolean {
  return origin === 'client' || sourceNode === node;
}

/** What is kept of a record's body beside its message, so that no question reads content. */
export interface RecordFacts {
  readonly permitItemCode: string;
  readonly licenceNo: string;
  readonly shownUntil: string;
}

function numbersOf({ licNo, licDocNo }: Licence): string {
  return [...new Set([licNo.trim(), licDocNo.trim()])].filter((number) => number !== '').join('\n');
}

/** The facts of a record; empty what its class has not. */
export function factsOf(record: RecordMessage): RecordFacts {
  const none = { permitItemCode: '', licenceNo: '', shownUntil: '' };
  switch (record.body.case) {
    case 'licence':
      return {
        ...none,
        permitItemCode: record.body.value.permitItemCode,
        licenceNo: numbersOf(record.body.value),
      };
    case 'filing':
      return { ...none, permitItemCode: record.body.value.permitItemCode };
    case 'inspection':
      return { ...none, permitItemCode: record.body.value.permitItemCode };
    case 'penalty':
      return { ...none, shownUntil: realDate(record.body.value.publicityTo) ?? '' };
    case undefined:
      return none;
  }
}

/**
 * What remains of a record that became not public: its key, and which change took it away (D7). `by`: the node
 * that withdrew it, kept when nothing of the record had come before.
 */
export function tombstone(
  key: RecordKey,
  from: RecordState | undefined,
  revision: number,
  messageSeq: number,
  by: string,
): RecordState {
  return {
    key,
    recordVersion: from?.recordVersion ?? 0,
    messageSeq,
    sourceNode: from?.sourceNode ?? '',
    messageId: from?.messageId ?? '',
    origin: from?.origin ?? by,
    entity: '',
    party: NOBODY,
    uscc: undefined,
    naming: 'unnamed',
    reason: UnattributedReason.UNSPECIFIED,
    method: '',
    namedBy: '',
    namedAtMs: undefined,
    waitingSinceMs: undefined,
    resolvedBy: '',
    sentBack: '',
    nonPublic: true,
    contentMarked: false,
    publicityRevision: revision,
    changeVersion: from?.changeVersion ?? 0,
    authorityOrg: '',
    state: 'withdrawn',
    permitItemCode: '',
    licenceNo: '',
    shownUntil: '',
    publishedAtMs: undefined,
  };
}
