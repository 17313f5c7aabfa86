import { randomUUID } from 'node:crypto';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { Cast } from './cast.js';
import { registrationEnvelope } from './enterprises.js';
import { GUANGDONG } from './nodes.js';
import type { PlannedRegistration, Subject } from './plan.js';
import { revocation } from './registrations.js';

/** Registrations that must be refused, each for a reason of its own. */
export function brokenRegistrations(
  subjects: readonly Subject[],
  cast: Cast,
): PlannedRegistration[] {
  const [basis] = cast.guangdong;
  const gone = subjects.find(({ status, event }) => status === '注销' && event.opScope !== '');
  if (!basis || !gone) throw new Error('The sample has nobody to make broken registrations of.');
  const { star } = cast;
  const again = (subject: Subject, fields: Partial<RegistrationEvent>): RegistrationEvent => ({
    ...subject.event,
    envelope: registrationEnvelope(subject.province, `DEMO-${randomUUID().slice(0, 8)}`),
    ...fields,
  });
  return [
    {
      at: GUANGDONG,
      event: again(basis, { uscc: withWrongCheckDigit(basis.uscc) }),
      items: [],
      refusal: {
        reason: 'VALIDATION_FAILED',
        rules: ['VR2'],
        zh: '统一社会信用代码校验位错误',
        en: 'the check digit of the credit code is wrong',
      },
    },
    {
      at: star.province,
      event: again(star, { lerep: '', entType: '', dom: '' }),
      items: [],
      refusal: {
        reason: 'VALIDATION_FAILED',
        rules: ['R51', 'VR10'],
        zh: '缺市场主体类型、法定代表人和住所',
        en: 'type, legal representative and domicile are missing',
      },
    },
    {
      at: star.province,
      event: again(star, {}),
      items: [],
      refusal: {
        reason: 'ENTITY_STATE',
        rules: ['VR16'],
        zh: '重复设立',
        en: 'established twice',
      },
    },
    {
      at: gone.province,
      event: again(gone, eventFields(revocation(gone))),
      items: [],
      refusal: {
        reason: 'ENTITY_STATE',
        rules: ['VR18'],
        zh: '注销后再变更',
        en: 'changed after its cancellation',
      },
    },
  ];
}

/** All of an event but its envelope. */
function eventFields(event: RegistrationEvent): Partial<RegistrationEvent> {
  const fields: Partial<RegistrationEvent> = { ...event };
  delete fields.envelope;
  return fields;
}

/** The same code with another last character, which then fits no more. */
export function withWrongCheckDigit(uscc: string): string {
  return uscc.slice(0, 17) + (uscc.endsWith('0') ? '1' : '0');
}
