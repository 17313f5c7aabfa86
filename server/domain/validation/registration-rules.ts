import { EventType, type RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { NATIONAL_NODE, type Check } from './context.js';
import { inSequence, isBefore, isBlank, realDate } from './field-checks.js';
import { SIX_DIGITS } from './field-specs.js';
import {
  checkRegionDigits,
  checkRegistrationDepartment,
  checkRegNo,
  checkUsccField,
  requireUscc,
} from './identity.js';

type RuleArguments = Parameters<Check<RegistrationEvent>>;

const CANCELLED_STATES: ReadonlySet<string> = new Set(['3', '4']);
/** CA16: limited and share companies, domestic (1), foreign (5) and of HK, Macao, Taiwan (6). */
const COMPANY_TYPE = /^[156][12]\d\d$/;
const CAPITAL_LABEL = { zh: '注册资本(reg_cap_fen)', en: 'registered capital' };
const CURRENCY_LABEL = { zh: '注册资本币种(reg_cap_cur)', en: 'capital currency' };

/** Cross-field rules of the registration itself; scope, items and zone have files of their own. */
export const checkRegistrationRules: Check<RegistrationEvent> = inSequence([
  checkIdentity,
  checkCapital,
  checkDates,
  checkRegistrationAuthority,
  checkDomicile,
  checkIndustry,
  checkState,
]);

/** VR1–VR6. */
function checkIdentity(...[event, at, context, found]: RuleArguments): void {
  checkRegNo(event.regNo, `${at}reg_no`, false, found);
  if (!requireUscc(event.uscc, `${at}uscc`, found)) return;
  const code = checkUsccField(event.uscc, `${at}uscc`, context, found);
  if (code === undefined) return;
  checkRegistrationDepartment(code, `${at}uscc`, found);
  checkRegionDigits(code, event.regOrg, `${at}uscc`, context, found);
}

function checkCapital(...[event, at, , found]: RuleArguments): void {
  const capital = event.regCapFen;
  if (capital === undefined) {
    if (COMPANY_TYPE.test(event.entType)) found.add('REG_CAP_MISSING', `${at}reg_cap_fen`);
    return;
  }
  if (capital < 0n) found.add('NEGATIVE_AMOUNT', `${at}reg_cap_fen`, { label: CAPITAL_LABEL });
  if (isBlank(event.regCapCur)) {
    found.add('REQUIRED', `${at}reg_cap_cur`, { label: CURRENCY_LABEL }, 'VR10');
  }
}

/** VR8 and VR9. */
function checkDates(...[event, at, , found]: RuleArguments): void {
  if (isBefore(event.apprDate, event.estDate)) {
    const values = { earlier: event.estDate, later: event.apprDate };
    found.add('APPROVED_BEFORE_ESTABLISHED', `${at}appr_date`, values);
  }
  if (isBefore(event.opTo, event.opFrom)) {
    found.add('TERM_ORDER', `${at}op_to`, { earlier: event.opFrom, later: event.opTo });
  }
  if (event.opLongTerm && realDate(event.opTo) !== undefined) {
    found.add('LONG_TERM_WITH_END', `${at}op_long_term`, { value: event.opTo });
  }
}

/** VR7: the authority belongs to this node; 总局 registers for the province of the domicile (D4). */
function checkRegistrationAuthority(...[event, at, context, found]: RuleArguments): void {
  const { node, facts } = context;
  const value = event.regOrg;
  if (!SIX_DIGITS.pattern.test(value)) return;
  if (value === NATIONAL_NODE && context.level === 'provincial') {
    const province = facts.provinceOf(event.domDistrict);
    if (province === node || !SIX_DIGITS.pattern.test(event.domDistrict)) return;
    const district = event.domDistrict;
    found.add('NATIONAL_REGISTRATION_ELSEWHERE', `${at}reg_org`, { value: district, node });
    return;
  }
  const owner = facts.nodeOfRegOrg(value);
  if (owner === undefined) found.add('REG_ORG_UNKNOWN', `${at}reg_org`, { value });
  else if (owner !== node) found.add('REG_ORG_OTHER_NODE', `${at}reg_org`, { value, owner, node });
}

/** VR7, second half. Not repeated where the authority rule has refused the district already. */
function checkDomicile(...[event, at, context, found]: RuleArguments): void {
  const value = event.domDistrict;
  if (context.level === 'national' || event.regOrg === NATIONAL_NODE) return;
  const province = context.facts.provinceOf(value);
  const isKnown = province !== undefined || context.facts.isRegion(value);
  if (!isKnown || province === context.node) return;
  found.add('DOMICILE_OUTSIDE_PROVINCE', `${at}dom_district`, { value, node: context.node });
}

/** VR10: the class lies within the section stated. */
function checkIndustry(...[event, at, context, found]: RuleArguments): void {
  const section = context.facts.industrySection(event.industryCo);
  if (section === undefined || isBlank(event.industryPhy) || section === event.industryPhy) return;
  const values = { value: event.industryCo, section, phy: event.industryPhy };
  found.add('INDUSTRY_SECTION_MISMATCH', `${at}industry_co`, values);
}

/** VR18: state against event. */
function checkState(...[event, at, context, found]: RuleArguments): void {
  const value = event.regState;
  if (!context.facts.codes('reg_state').has(value)) return;
  const cancelled = CANCELLED_STATES.has(value);
  const wrong =
    (event.eventType === EventType.ESTABLISH && value !== '1') ||
    (event.eventType === EventType.CANCEL && !cancelled);
  if (wrong) found.add('REG_STATE_INCONSISTENT', `${at}reg_state`, { value });
  else if (event.eventType === EventType.CHANGE && cancelled) {
    found.add('CHANGE_IN_CANCELLED_STATE', `${at}reg_state`, { value });
  }
}
