import { EventType, type RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { changesItem } from './change-and-cancellation.js';
import type { Check } from './context.js';
import type { FreeTradeZoneFact } from './facts.js';
import { inSequence, isBlank } from './field-checks.js';
import { asIs } from './quotation.js';

type RuleArguments = Parameters<Check<RegistrationEvent>>;

const MENTIONS_ZONE = /自由贸易(?:试验|港)区|自贸(?:试验)?区/;
const NAMES_ZONE = /中国[（(]([\p{Script=Han}]{2,4})[）)]自由贸易试验区/u;
/** Change item of the domicile. */
const DOMICILE = '02';

/** R43 and VR11: the registrar's judgement is completed and compared, never overruled. */
export const checkFreeTradeZone: Check<RegistrationEvent> = inSequence([
  checkZoneData,
  checkDomicileText,
  checkJudgement,
]);

/** VR11. */
function checkZoneData(...[event, at, context, found]: RuleArguments): void {
  if (!event.ftzFlag) {
    const stated = firstStated(event);
    if (stated !== undefined) found.add('FTZ_DATA_WITHOUT_FLAG', at + stated);
    return;
  }
  if (isBlank(event.ftzAreaName)) found.add('FTZ_AREA_REQUIRED', `${at}ftz_area_name`);
  if (isBlank(event.ftzName)) {
    found.add('FTZ_NAME_REQUIRED', `${at}ftz_name`);
    return;
  }
  const zone = context.facts.ftz(event.ftzName);
  if (zone) checkZone(zone, event, at, context, found);
  else found.add('FTZ_UNKNOWN', `${at}ftz_name`);
}

function firstStated(event: RegistrationEvent): string | undefined {
  if (event.ftzCode !== '') return 'ftz_code';
  if (event.ftzName !== '') return 'ftz_name';
  if (event.ftzAreaCode !== '') return 'ftz_area_code';
  return event.ftzAreaName === '' ? undefined : 'ftz_area_name';
}

/** VR11: the zone of the province, the area of the zone; codes are the hub's own and only compared. */
function checkZone(zone: FreeTradeZoneFact, ...[event, at, context, found]: RuleArguments): void {
  const { facts, level, node } = context;
  const province = level === 'national' ? facts.provinceOf(event.domDistrict) : node;
  if (zone.province !== province) {
    found.add('FTZ_OTHER_PROVINCE', `${at}ftz_name`, { zone: asIs(zone.name) });
  }
  if (event.ftzCode !== '' && event.ftzCode !== zone.code) {
    const values = { value: event.ftzCode, expected: zone.code };
    found.add('FTZ_CODE_MISMATCH', `${at}ftz_code`, values);
  }
  if (isBlank(event.ftzAreaName)) return;
  const area = zone.area(event.ftzAreaName);
  if (!area) found.add('FTZ_AREA_UNKNOWN', `${at}ftz_area_name`, { zone: asIs(zone.name) });
  else if (event.ftzAreaCode !== '' && event.ftzAreaCode !== area.code) {
    const values = { value: event.ftzAreaCode, expected: area.code };
    found.add('FTZ_CODE_MISMATCH', `${at}ftz_area_code`, values);
  }
}

/** R43: where text or district of the domicile speak against the mark, somebody should look again. */
function checkDomicileText(...[event, at, context, found]: RuleArguments): void {
  if (event.dom.length > 1000 || !speaksAgainstMark(event, context)) return;
  found.add('FTZ_DOMICILE_MISMATCH', `${at}ftz_flag`);
}

function speaksAgainstMark(event: RegistrationEvent, { facts }: RuleArguments[2]): boolean {
  if (!event.ftzFlag) return MENTIONS_ZONE.test(event.dom);
  const zone = facts.ftz(event.ftzName);
  if (!zone) return false;
  const named = NAMES_ZONE.exec(event.dom)?.[0];
  if (named !== undefined && facts.ftz(named)?.code !== zone.code) return true;
  const province = facts.provinceOf(event.domDistrict);
  return province !== undefined && province !== zone.province;
}

/** R43: a new domicile needs a new judgement. */
function checkJudgement(...[event, at, , found]: RuleArguments): void {
  if (event.eventType !== EventType.CHANGE || !event.ftzFlag) return;
  if (!isBlank(event.ftzJudgedBy) || !changesItem(event, DOMICILE)) return;
  found.add('FTZ_JUDGEMENT_NOT_RENEWED', `${at}ftz_judged_by`);
}
