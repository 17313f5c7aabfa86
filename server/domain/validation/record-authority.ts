import type { Envelope } from '#gen/zhengzhao/v1/common_pb.js';
import type { Bilingual } from '../errors.js';
import { checkUscc } from '../identifiers/uscc.js';
import { isBlank } from './field-checks.js';
import type { MessageFindings } from './message-findings.js';

/**
 * VR23 as far as the message tells: the authority sends its own record, or the data source unit
 * stated in the envelope does. Whether that unit is registered for the authority needs the store.
 */
export function checkSender(
  envelope: Envelope | undefined,
  authority: string,
  found: MessageFindings,
): void {
  if (!envelope || isBlank(envelope.sourceOrg) || isBlank(authority)) return;
  const { sourceOrg, dataSourceOrgCode } = envelope;
  if (sourceOrg === authority || sourceOrg === dataSourceOrgCode) return;
  found.add('NOT_THE_AUTHORITY', 'envelope.source_org');
}

/** VR2 and VR4 as hints: a code that looks like a credit code should be one of an authority. */
export function checkAuthorityCode(
  value: string,
  field: string,
  label: Bilingual,
  found: MessageFindings,
): void {
  if (value.length !== 18) return;
  const problems = checkUscc(value);
  if (problems.includes('FORMAT')) return;
  if (problems.includes('CHECK_DIGIT')) {
    found.add('AUTHORITY_CODE_CHECK_DIGIT', field, { label, value });
  } else if (!value.startsWith('1')) found.add('AUTHORITY_CODE_KIND', field, { label, value });
}

/** The business key of the envelope is the number of the record itself. */
export function checkBusinessKey(
  envelope: Envelope | undefined,
  number: string,
  label: Bilingual,
  found: MessageFindings,
): void {
  if (!envelope || isBlank(envelope.businessKey) || envelope.businessKey === number) return;
  found.add('BUSINESS_KEY_MISMATCH', 'envelope.business_key', { label });
}
