import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { isCivilDate, normaliseSentinel } from '../identifiers/civil-date.js';
import { realDate } from './field-checks.js';

/** Longer than any term that is written as its days; bounds the search. */
const MAX_LENGTH = 60;
/** `2049-11-30`, `2049年11月30日`, `2049/11/30`, `2049.11.30`. */
const DAY = /(\d{4})(?:年|[-/.])(\d{1,2})(?:月|[-/.])(\d{1,2})日?/g;
const ENDLESS = /(?:长期|永久|永续|无固定期限|不约定期限)(?:有效)?/;
/** What may stand between and around the days of a term that is nothing but its days. */
const CONNECTIVES = /^(?:自|从|由|起|至|到|止|[-~—–―()])*$/;

type Term = Pick<RegistrationEvent, 'opFrom' | 'opTo' | 'opLongTerm'>;

/**
 * Whether a written 经营期限 (VR19, item 08) can be the term of a registration. Sources write it in words of
 * their own, so what is more or less than days and 长期 is let pass, as is what the registration does not state.
 */
export function termMatches(text: string, { opFrom, opTo, opLongTerm }: Term): boolean {
  const written = readTerm(text);
  if (!written) return true;
  const { from, to, endless } = written;
  const [stated, statedFrom] = [realDate(opTo), realDate(opFrom)];
  const isEndless = opLongTerm || normaliseSentinel(opTo).longTerm;
  if (from !== undefined && statedFrom !== undefined && from !== statedFrom) return false;
  if (endless) return stated === undefined;
  if (stated !== undefined) return to === stated || (from === undefined && to === statedFrom);
  return !isEndless || (from === undefined && (statedFrom === undefined || to === statedFrom));
}

/** A term as it is written: a single day may be its first or its last. */
interface WrittenTerm {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly endless: boolean;
}

function readTerm(text: string): WrittenTerm | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const plain = text.normalize('NFKC').replace(/\s/g, '');
  const days = [...plain.matchAll(DAY)].map(([, year = '', month = '', day = '']) =>
    [year, month.padStart(2, '0'), day.padStart(2, '0')].join('-'),
  );
  const rest = plain.replace(DAY, '');
  const says = ENDLESS.test(rest);
  if (!CONNECTIVES.test(rest.replace(ENDLESS, '')) || !days.every(isCivilDate)) return undefined;
  if (says) return days.length > 1 ? undefined : { from: days[0], endless: true };
  const [first, second, third] = days;
  if (first === undefined || third !== undefined) return undefined;
  if (days.some((day) => normaliseSentinel(day).unknown)) return undefined;
  const last = second ?? first;
  const from = second === undefined ? undefined : first;
  return normaliseSentinel(last).longTerm
    ? { from, endless: true }
    : { from, to: last, endless: false };
}
