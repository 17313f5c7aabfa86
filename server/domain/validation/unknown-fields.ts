import type { DescMessage, Message } from '@bufbuild/protobuf';
import { eachUnknownFields, hasUnknownFields } from '../unknown-fields.js';
import type { MessageFindings } from './message-findings.js';
import { asIs } from './quotation.js';

/** Field numbers named in a finding. */
const NUMBERS_SHOWN = 5;

/**
 * Refuses what a client sends in fields that this version has not, wherever in the message: no rule could
 * judge it, and it would be kept and passed on with the rest (R55, VR28). One finding for each message that
 * has such, whose path it names. Asked first whether there is any, which is nearly always no.
 */
export function refuseUnknownFields(
  type: DescMessage,
  message: Message,
  found: MessageFindings,
  code: 'UNKNOWN_FIELD' | 'EXTRA_DATA_NOT_ALLOWED' = 'UNKNOWN_FIELD',
): void {
  if (!hasUnknownFields(type, message)) return;
  eachUnknownFields(type, message, (path, numbers) => {
    found.add(code, path, { numbers: asIs(numbers.slice(0, NUMBERS_SHOWN).join(', ')) });
  });
}
