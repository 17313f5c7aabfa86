import type { Counterpart } from '#gen/zhengzhao/v1/record_pb.js';
import type { ValidationContext } from './context.js';
import { compileFields, isBlank } from './field-checks.js';
import { code, SIX_DIGITS, text, type FieldSpec } from './field-specs.js';
import { checkRegNo, checkUsccField } from './identity.js';
import type { MessageFindings } from './message-findings.js';

/** Field table of whom a record is about. */
export const COUNTERPART_FIELDS: readonly FieldSpec<Counterpart>[] = [
  text(['ent_name', '行政相对人名称', 'name of the counterpart'], (c) => c.entName, 200, {
    required: true,
  }),
  text(['reg_no', '注册号', 'registration number'], (c) => c.regNo, 30),
  code(['reg_org', '登记机关', 'registration authority'], (c) => c.regOrg, SIX_DIGITS, {
    rule: 'VR7',
    known: (value, facts) => facts.nodeOfRegOrg(value) !== undefined,
  }),
];

const checkFields = compileFields(COUNTERPART_FIELDS);

/** VR1–VR3, VR6, VR25: a record names an enterprise well enough to be attributed. */
export function checkCounterpart(
  counterpart: Counterpart | undefined,
  field: string,
  context: ValidationContext,
  found: MessageFindings,
): void {
  if (!counterpart) {
    found.add('REQUIRED', field, { label: { zh: '行政相对人(counterpart)', en: 'counterpart' } });
    return;
  }
  checkFields(counterpart, `${field}.`, context, found);
  checkCounterpartIdentity(counterpart, field, context, found);
}

/** The identity alone: what is checked again at every node. */
export function checkCounterpartIdentity(
  { uscc, regNo }: Counterpart,
  field: string,
  context: Pick<ValidationContext, 'strictOrgCode'>,
  found: MessageFindings,
): void {
  const hasUscc = !isBlank(uscc);
  if (hasUscc) checkUsccField(uscc, `${field}.uscc`, context, found);
  else if (isBlank(regNo)) found.add('COUNTERPART_UNIDENTIFIED', `${field}.uscc`);
  checkRegNo(regNo, `${field}.reg_no`, !hasUscc, found);
}
