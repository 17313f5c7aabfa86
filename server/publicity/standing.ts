import {
  LicenceEndKind,
  LicenceState,
  PenaltyState,
  type Licence,
  type Penalty,
  type Record,
} from '#gen/zhengzhao/v1/record_pb.js';
import { realDate } from '../domain/validation/field-checks.js';

/** Whether what was decided still holds on a day. */
export type Standing =
  /** 现行有效: it holds; `until` its last day, empty when none is stated. */
  | { readonly is: 'current'; readonly until: string }
  /** 尚未生效: it holds from a later day on. */
  | { readonly is: 'upcoming'; readonly from: string }
  /** 已失效: it holds no more; `since` empty when the day is not stated. */
  | { readonly is: 'ended'; readonly how: Ending; readonly since: string }
  /** 已实施: an act of one day, such as an inspection. */
  | { readonly is: 'done' };

/** How something ended. */
export type Ending = 'expired' | 'changed' | 'cancelled' | 'revoked' | 'annulled' | 'other';

const ENDINGS: Readonly<globalThis.Record<LicenceEndKind, Ending>> = {
  [LicenceEndKind.UNSPECIFIED]: 'other',
  [LicenceEndKind.CHANGED]: 'changed',
  [LicenceEndKind.CANCELLED]: 'cancelled',
  [LicenceEndKind.REVOKED]: 'revoked',
  [LicenceEndKind.ANNULLED]: 'annulled',
  [LicenceEndKind.OTHER]: 'other',
};

/** Whether a record still holds on a civil date. What nobody stated is not guessed. */
export function standingOf({ body }: Record, today: string): Standing {
  switch (body.case) {
    case 'licence':
      return licenceStanding(body.value, today);
    case 'penalty':
      return penaltyStanding(body.value, today);
    case 'filing':
      return { is: 'current', until: '' };
    default:
      return { is: 'done' };
  }
}

function licenceStanding(licence: Licence, today: string): Standing {
  const { licState, endKind, longTerm } = licence;
  if (licState === LicenceState.INVALID)
    return { is: 'ended', how: ENDINGS[endKind], since: statedDay(licence.endDate) };
  const from = statedDay(licence.valFrom);
  if (from > today) return { is: 'upcoming', from };
  return heldUntil(longTerm ? '' : statedDay(licence.valTo), today);
}

function penaltyStanding({ state, validTo }: Penalty, today: string): Standing {
  if (state === PenaltyState.ANNULLED) return { is: 'ended', how: 'annulled', since: '' };
  return heldUntil(statedDay(validTo), today);
}

function heldUntil(until: string, today: string): Standing {
  return until !== '' && until < today
    ? { is: 'ended', how: 'expired', since: until }
    : { is: 'current', until };
}

/** Empty for a day with which a source fills a column that has none (VR9, D12), and for no day. */
export function statedDay(day: string): string {
  return realDate(day) ?? '';
}
