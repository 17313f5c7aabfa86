import { describe, expect, it } from 'vitest';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import {
  applyRegistration,
  type Enterprise,
} from '../../../server/domain/registration/enterprise.js';
import { validCancellation, validChange, validRegistration } from '../../support/builders.js';

/** The enterprise after an event at a home. */
function after(
  current: Enterprise | undefined,
  event: RegistrationEvent,
  homeNode = '330000',
): Enterprise {
  return applyRegistration(current, event, { homeNode, messageSeq: 1, told: [] });
}

const established = after(undefined, validRegistration({ apprDate: '2019-12-05' }));

describe('since when an item is stated', () => {
  it('R12 R15 goes on through changes', () => {
    const changed = after(established, validChange());
    expect(changed).toMatchObject({
      effectiveDate: '2019-12-18',
      itemsSince: { 'PX-0035': '2019-12-05' },
    });
  });

  it('R12 R15 follows a correction to an earlier day', () => {
    const corrected = after(established, validRegistration({ apprDate: '2019-12-03' }));
    expect(corrected.itemsSince).toEqual({ 'PX-0035': '2019-12-03' });
  });

  it('R12 R15 follows an establishment that is corrected to a later day, and no change', () => {
    const corrected = after(established, validRegistration({ apprDate: '2019-12-10' }));
    expect(corrected.itemsSince).toEqual({ 'PX-0035': '2019-12-10' });
    const changed = after(established, validChange());
    const again = after(changed, validChange({ apprDate: '2019-12-19' }));
    expect(again.itemsSince).toEqual({ 'PX-0035': '2019-12-05' });
  });

  it('R12 R15 begins anew after a cancellation, and at a new home', () => {
    const cancelled = after(established, validCancellation());
    const again = validRegistration({ apprDate: '2019-12-20' });
    expect(after(cancelled, again).itemsSince).toEqual({ 'PX-0035': '2019-12-20' });
    expect(after(established, again, '440000').itemsSince).toEqual({ 'PX-0035': '2019-12-20' });
  });
});
