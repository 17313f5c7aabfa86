import { Operation, type Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { RecordSchema, type Record as RecordMessage } from '#gen/zhengzhao/v1/record_pb.js';
import { normaliseUscc } from '../identifiers/uscc.js';
import { MessageFindings } from '../validation/message-findings.js';

/** What is held about the registration that a filing was made with. */
export interface EventFacts {
  /** Credit codes of the enterprises with a registration of this message id; empty: none is held. */
  readonly ownersOf: (messageId: string) => ReadonlySet<string>;
  /** Whether the enterprise is known here, with all registrations that were reported. */
  readonly isKept: boolean;
}

/**
 * VR21: whether the registration of a filing exists. One of another enterprise is an error. One that is
 * not held is a warning only: it may be under way, or older than the node, and a filing is never lost for
 * that. Of an enterprise that is not known nothing is said, as the filing waits for it. A deletion may
 * name whatever was named before.
 */
export function filingEventFindings(
  { envelope, body }: RecordMessage,
  { ownersOf, isKept }: EventFacts,
): Finding[] {
  if (body.case !== 'filing' || envelope?.operation === Operation.DELETE) return [];
  const { registrationEventId: value, uscc } = body.value;
  const owners = ownersOf(value);
  if (owners.has(normaliseUscc(uscc)) || (owners.size === 0 && !isKept)) return [];
  const found = new MessageFindings();
  const code = owners.size === 0 ? 'FILING_EVENT_UNKNOWN' : 'FILING_EVENT_OF_ANOTHER';
  found.add(code, 'filing.registration_event_id', { value });
  return found.inOrderOf(RecordSchema);
}
