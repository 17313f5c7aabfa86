import {
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { asKnown } from '../unknown-fields.js';

/** 联系电话、邮政编码, which no permit item needs: they go to nobody beyond the authorities (domain 4.1). */
export const CONTACT_FIELDS: readonly string[] = ['tel', 'postal_code'];

/**
 * A registration for anybody beyond registrars and data centres: without telephone and postal code, and
 * without 自贸区判断人, most often the name of a clerk, which only they need (R43). Nor with what a node of
 * a later version added: it may be as personal.
 */
export function minimised(event: RegistrationEvent): RegistrationEvent {
  return { ...asKnown(RegistrationEventSchema, event), tel: '', postalCode: '', ftzJudgedBy: '' };
}

/**
 * A registration as a business system sees it, by whichever way: minimised, and of the permit items only
 * those that it is there for (R47).
 */
export function sharedWith(
  permitItems: 'all' | readonly string[],
  event: RegistrationEvent,
): RegistrationEvent {
  const shared = minimised(event);
  if (permitItems === 'all') return shared;
  const own = shared.permitItems.filter(({ permitItemCode }) =>
    permitItems.includes(permitItemCode),
  );
  return { ...shared, permitItems: own };
}
