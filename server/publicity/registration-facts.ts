import type { GetDisclosureResponse } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { given, named, period, yuan, type Fact } from './facts.js';
import type { Reader } from './reader.js';

/** The registration of an enterprise as it stands. */
export function registrationFacts(disclosure: GetDisclosureResponse, reader: Reader): Fact[] {
  const { registration: event, formerNames } = disclosure;
  if (!event) return [];
  const { fields } = reader.words;
  const { names } = reader;
  return [
    ...given(fields.uscc, disclosure.uscc),
    ...given(fields.regNo, event.regNo),
    ...given(fields.formerNames, formerNames.join(';')),
    ...named(fields.regState, names.value('reg_state', event.regState)),
    ...named(fields.entType, names.enterpriseType(event.entType)),
    ...given(fields.lerep, event.lerep),
    ...capital(event, reader),
    ...given(fields.estDate, event.estDate),
    ...given(fields.apprDate, event.apprDate),
    ...period(fields.opTerm, [event.opFrom, event.opTo, event.opLongTerm], reader),
    ...given(fields.regOrg, event.regOrgName),
    ...given(fields.dom, event.dom),
    ...given(fields.freeTradeZone, `${event.ftzName} ${event.ftzAreaName}`.trim()),
    ...named(fields.industry, names.industry(event.industryCo)),
    ...given(fields.opScope, event.opScope),
    ...given(fields.cancelDate, event.cancel?.cancelDate ?? ''),
    ...given(fields.cancelReason, event.cancel?.cancelReason ?? ''),
  ];
}

function capital({ regCapFen, regCapCur }: RegistrationEvent, { words, names }: Reader): Fact[] {
  if (regCapFen === undefined) return [];
  const currency = names.currency(regCapCur);
  return named(words.fields.regCap, { ...currency, text: `${yuan(regCapFen)} ${currency.text}` });
}
