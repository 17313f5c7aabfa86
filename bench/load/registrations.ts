import { randomUUID } from 'node:crypto';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { orgCodeCheckDigit } from '../../server/domain/identifiers/org-code.js';
import { civilDateIn } from '../../server/domain/identifiers/civil-date.js';
import { usccCheckDigit } from '../../server/domain/identifiers/uscc.js';
import { validRegistration } from '../../test/support/builders.js';

/** Release that every node begins with. */
const CATALOGUE = '2019.12-prov';
/** Characters of a credit code (GB 32100). */
const CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const FREE_CHARACTERS = 6;

/**
 * Establishments of catering companies in 舟山 within the free trade zone, about 1 KB each with one
 * permit item, every one of another enterprise: a full row of effects at each node.
 */
export class Registrations {
  #made: number;

  /** `first`: number of the first enterprise, so that two loads of one node never meet. */
  constructor(first = 0) {
    this.#made = first;
  }

  /** The next so many. Made before the clock runs: making them is no work of the hub or a yardstick. */
  take(count: number): RegistrationEvent[] {
    return Array.from({ length: count }, () => this.#next());
  }

  #next(): RegistrationEvent {
    const number = (this.#made += 1);
    const name = `舟山市定海千岛${number}号餐饮管理有限公司`;
    // Of today, as a registry reports: what is years old costs a warning each (VR31).
    const nowMs = Date.now();
    const today = civilDateIn(nowMs);
    return validRegistration(
      {
        uscc: creditCodeOf(number),
        pripid: `3309020000${number}`,
        entName: name,
        catalogVersion: CATALOGUE,
        estDate: today,
        apprDate: today,
        opFrom: today,
      },
      {
        number,
        envelope: {
          messageId: randomUUID(),
          businessKey: `REG-${number}`,
          sourceTime: timestampFromMs(nowMs),
        },
      },
    );
  }
}

/** A valid credit code for each number up to 31^6. */
export function creditCodeOf(number: number): string {
  const base = CHARACTERS.length;
  const free = Array.from(
    { length: FREE_CHARACTERS },
    (_, place) => CHARACTERS[Math.floor(number / base ** place) % base] ?? '0',
  );
  const organisation = `MA${free.reverse().join('')}`;
  const first17 = `91330902${organisation}${orgCodeCheckDigit(organisation) ?? ''}`;
  return first17 + (usccCheckDigit(first17) ?? '');
}
