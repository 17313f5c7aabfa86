import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';

/** 联系电话、邮政编码, which no permit item needs: they go to nobody beyond the authorities (domain 4.1). */
export const CONTACT_FIELDS: readonly string[] = ['tel', 'postal_code'];

/** A registration without telephone and postal code. */
export function withoutContact(event: RegistrationEvent): RegistrationEvent {
  return { ...event, tel: '', postalCode: '' };
}

/**
 * A registration as a business system sees it, by whichever way: without telephone and postal code, and
 * of the permit items only those that it is there for (R47).
 */
export function sharedWith(
  permitItems: 'all' | readonly string[],
  event: RegistrationEvent,
): RegistrationEvent {
  const shared = withoutContact(event);
  if (permitItems === 'all') return shared;
  const own = event.permitItems.filter(({ permitItemCode }) =>
    permitItems.includes(permitItemCode),
  );
  return { ...shared, permitItems: own };
}
