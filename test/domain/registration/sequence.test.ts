import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Effect, MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { Arrival, Decision } from '../../../server/domain/decision/decision.js';
import { decideRegistration } from '../../../server/domain/decision/registration.js';
import { World } from '../../../server/domain/decision/world.js';
import { HubError } from '../../../server/domain/errors.js';
import { readHead } from '../../../server/domain/message.js';
import {
  testName,
  testUscc,
  validCancellation,
  validChange,
  validRegistration,
} from '../../support/builders.js';
import { nodeContext } from '../../support/intake.js';

const FROM_CLIENT: Arrival = {
  ...{ side: 'client', origin: 'client', attribution: undefined, revision: 0 },
};
const FROM_PROVINCE: Arrival = { ...FROM_CLIENT, side: 'province', origin: '330000' };
const FROM_NATIONAL: Arrival = { ...FROM_CLIENT, side: 'national', origin: '100000' };

/** A node that decides on the events of one enterprise, one after the other. */
class Books {
  readonly world = new World({ enterprises: [], records: [] });
  #seq = 0;

  constructor(
    private readonly level: 'provincial' | 'national',
    private readonly arrival: Arrival,
  ) {}

  take(event: RegistrationEvent, takenInAtMs?: number): Decision {
    this.#seq += 1;
    const message = { kind: MessageKind.REGISTRATION, registration: event } as const;
    const candidate = { seq: this.#seq, head: readHead(message), message, arrival: this.arrival };
    return decideRegistration(
      event,
      { ...candidate, takenInAtMs },
      nodeContext(this.level),
      this.world,
    );
  }

  codesOf(event: RegistrationEvent): string[] {
    try {
      return this.take(event).warnings.map((finding) => finding.code);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      return (error.details.findings ?? []).map((finding) => finding.code);
    }
  }

  get held() {
    return this.world.byUscc(testUscc(1));
  }
}

const province = (): Books => new Books('provincial', FROM_CLIENT);
const national = (): Books => new Books('national', FROM_PROVINCE);

const named = (
  entName: string,
  businessKey: string,
  { apprDate = '2019-12-18', version = 1 } = {},
): RegistrationEvent =>
  validChange({ entName, apprDate }, { envelope: { businessKey, recordVersion: BigInt(version) } });

const established = (version = 1, businessKey = 'P-1'): RegistrationEvent =>
  validRegistration({}, { envelope: { businessKey, recordVersion: BigInt(version) } });

describe('the order of the events of an enterprise', () => {
  it('D14 an event that was followed on the same day is not current again, under whatever id it comes', () => {
    const books = national();
    const events = [established(), named('甲', 'P-2'), named('乙', 'P-3')];
    for (const event of events) expect(books.take(event).effect).toBe(Effect.APPLIED);
    for (const event of events) expect(books.take(event).effect).toBe(Effect.STALE);
    expect(books.held?.entName).toBe('乙');
  });

  it('D14 a correction of an event that was followed by another changes history, not the state', () => {
    const books = province();
    books.take(established());
    books.take(named('甲', 'P-2', { apprDate: '2019-12-16' }));
    const corrected = books.take(established(2));
    expect(corrected).toMatchObject({ effect: Effect.STALE, packages: [] });
    expect(corrected.deliveries.map((one) => one.rule)).toEqual(['UP-REGISTRATION']);
    expect(corrected.warnings.map((one) => one.code)).toEqual(['LATER_EVENT_HELD']);
    expect(books.held?.entName).toBe('甲');
    expect(books.take(established(2)).deliveries).toEqual([]);
  });

  it('R34 an event that is reported late goes up and into history, and changes nothing else', () => {
    const books = province();
    books.take(established());
    books.take(named('丙', 'P-3', { apprDate: '2019-12-18' }));
    const late = books.take(named('乙', 'P-2', { apprDate: '2019-12-17' }));
    expect(late.deliveries.map((one) => one.destination)).toEqual(['100000']);
    expect(late.packages).toEqual([]);
    expect(books.held?.entName).toBe('丙');
  });

  it('VR18 a cancellation counts from its approval, however early its date', () => {
    const books = province();
    books.take(established());
    books.take(named('甲', 'P-2', { apprDate: '2019-12-18' }));
    const cancel = { cancelDate: '2019-12-17', cancelReason: '决议解散' };
    const cancellation = validCancellation(
      { apprDate: '2019-12-19', cancel: { ...validCancellation().cancel!, ...cancel } },
      { envelope: { businessKey: 'P-3', recordVersion: 1n } },
    );
    expect(books.take(cancellation).effect).toBe(Effect.APPLIED);
    expect(books.held?.cancelled).toBe(true);
  });

  it('VR18 a cancellation that was approved before a later event is refused, not lost', () => {
    const books = province();
    books.take(established());
    books.take(named('甲', 'P-2', { apprDate: '2019-12-19' }));
    const early = validCancellation(
      { apprDate: '2019-12-18' },
      { envelope: { businessKey: 'P-3', recordVersion: 1n } },
    );
    expect(books.codesOf(early)).toEqual(['CANCELLED_BEFORE_LATER_EVENT']);
  });

  it('VR16 VR18 only an event of the same type corrects, where all events have one key', () => {
    const books = province();
    const keyed = { envelope: { businessKey: 'E-1' } };
    books.take(validRegistration({}, keyed));
    books.take(validChange({}, { envelope: { businessKey: 'E-1', recordVersion: 2n } }));
    expect(books.codesOf(established(3, 'E-1'))).toEqual(['DUPLICATE_ENTERPRISE']);
    books.take(validCancellation({}, { envelope: { businessKey: 'E-1', recordVersion: 4n } }));
    expect(books.codesOf(named('丁', 'E-1', { apprDate: '2019-12-19', version: 5 }))).toEqual([
      'ENTITY_CANCELLED',
    ]);
    const corrected = validCancellation(
      {},
      { envelope: { businessKey: 'E-1', recordVersion: 5n } },
    );
    expect(books.codesOf(corrected)).toEqual([]);
    expect(books.held?.cancelled).toBe(true);
  });

  it('VR19 a change is held against the state also where all events have one key', () => {
    const books = province();
    books.take(established(1, 'E-1'));
    const change = validChange(
      { changes: validChange().changes.map((one) => ({ ...one, altBe: '从未用过的名称' })) },
      { envelope: { businessKey: 'E-1', recordVersion: 2n } },
    );
    expect(books.codesOf(change)).toEqual(['BEFORE_VALUE_MISMATCH']);
  });

  it.each([
    ['in words', '有限责任公司(自然人投资或控股)', []],
    ['as a code', '1130', []],
    ['as another code', '1151', ['BEFORE_VALUE_MISMATCH']],
  ])('VR19 a type before the change may be %s, as the type after it', (_, altBe, codes) => {
    const books = province();
    books.take(established(1, 'E-1'));
    const [line] = validChange().changes;
    const change = validChange(
      { entType: '1190', changes: [{ ...line!, altItem: '4', altBe, altAf: '1190' }] },
      { envelope: { businessKey: 'E-1', recordVersion: 2n } },
    );
    expect(books.codesOf(change)).toEqual(codes);
  });

  it.each([
    ['the capital', '05', '500万元人民币', []],
    ['another capital', '05', '400万元人民币', ['BEFORE_VALUE_MISMATCH']],
    ['a capital in words', '5', '肆佰万元整', []],
    ['the term', '08', '2019-12-01至2049-11-30', []],
    ['another term', '08', '2019年12月1日至2039年11月30日', ['BEFORE_VALUE_MISMATCH']],
    ['no term that could be compared', '8', '30年', []],
    ['what no registration states', '06', '300万元', []],
  ])('VR19 holds %s before the change against the state', (_, altItem, altBe, codes) => {
    const books = province();
    books.take(
      validRegistration(
        { opFrom: '2019-12-01', opTo: '2049-11-30', opLongTerm: false },
        { envelope: { businessKey: 'E-1' } },
      ),
    );
    const [line] = validChange().changes;
    const change = validChange(
      { changes: [{ ...line!, altItem, altBe, altAf: '其他' }] },
      { envelope: { businessKey: 'E-1', recordVersion: 2n } },
    );
    expect(books.codesOf(change)).toEqual(codes);
  });

  it('VR20 a name that the change itself states is a former name too', () => {
    const books = province();
    books.take(established());
    const change = validChange(
      { entName: '丙', changes: validChange().changes.map((one) => ({ ...one, altBe: '乙' })) },
      { envelope: { businessKey: 'P-2', recordVersion: 1n } },
    );
    books.take(change);
    expect(books.held?.formerNames).toEqual(['乙', testName(1)]);
  });

  it('R53 a key of the old province does not hold up the move, nor does its late event take it back', () => {
    const books = national();
    books.take(established(1, 'SAME'));
    const moved = validRegistration(
      { apprDate: '2019-12-19', regOrg: '440103', domDistrict: '440103' },
      { envelope: { businessKey: 'SAME', recordVersion: 1n, sourceNode: '440000' } },
    );
    expect(books.take(moved).effect).toBe(Effect.APPLIED);
    expect(books.held?.homeNode).toBe('440000');
    const leaving = named('甲', 'P-9', { apprDate: '2019-12-19' });
    expect(books.take(leaving).effect).toBe(Effect.STALE);
    expect(books.held).toMatchObject({ homeNode: '440000', entName: testName(1) });
  });

  it('R53 a move that arrives after a later event of the old province moves the enterprise all the same', () => {
    const books = national();
    books.take(established());
    books.take(named('甲', 'P-2', { apprDate: '2019-12-19' }));
    const elsewhere = { regOrg: '440103', domDistrict: '440103' };
    const keyed = (businessKey: string, recordVersion = 1n) => ({
      envelope: { businessKey, recordVersion, sourceNode: '440000' },
    });
    const moved = validRegistration({ ...elsewhere, apprDate: '2019-12-18' }, keyed('GD-1'));
    expect(books.take(moved).effect).toBe(Effect.APPLIED);
    expect(books.held?.homeNode).toBe('440000');
    const change = validChange({ ...elsewhere, apprDate: '2019-12-20' }, keyed('GD-2'));
    expect(books.take(change).effect).toBe(Effect.APPLIED);
    // Nor does its first establishment there, corrected late, take it back.
    expect(books.take(established(2)).effect).toBe(Effect.STALE);
    expect(books.held?.homeNode).toBe('440000');
  });

  it('R53 an enterprise moves back under the key that it had before', () => {
    const books = national();
    books.take(established(1, 'E-1'));
    const moved = validRegistration(
      { apprDate: '2019-12-18', regOrg: '440103', domDistrict: '440103' },
      { envelope: { businessKey: 'GD-1', recordVersion: 1n, sourceNode: '440000' } },
    );
    books.take(moved);
    const back = validRegistration(
      { apprDate: '2019-12-19' },
      { envelope: { businessKey: 'E-1', recordVersion: 2n } },
    );
    expect(books.take(back).effect).toBe(Effect.APPLIED);
    expect(books.held?.homeNode).toBe('330000');
  });

  it('F19 what the national node sends down is in order, whichever home a copy knows', () => {
    const books = new Books('provincial', FROM_NATIONAL);
    const elsewhere = { regOrg: '440103', domDistrict: '440103' };
    books.take(
      validRegistration(elsewhere, { envelope: { businessKey: 'GD-1', sourceNode: '440000' } }),
    );
    // It moved on to 江苏, of which this copy was never told.
    const there = { regOrg: '320102', domDistrict: '320102', apprDate: '2019-12-20' };
    const change = validChange(there, {
      envelope: { businessKey: 'JS-2', recordVersion: 1n, sourceNode: '320000' },
    });
    expect(books.take(change).effect).toBe(Effect.APPLIED);
  });

  it('R52 what is given back after a restore is put in order, and not judged again', () => {
    const books = new Books('provincial', { ...FROM_CLIENT, givenBackBy: '100000' });
    books.take(established(1, 'P-3'));
    const lost = established(1, 'P-1');
    lost.apprDate = '2019-12-15';
    expect(books.take(lost).effect).toBe(Effect.STALE);
  });

  const day = Date.parse('2019-12-20T02:00:00Z');

  it.each([
    ['given back', 'provincial', { ...FROM_CLIENT, givenBackBy: '100000' }],
    ['sent up again', 'national', { ...FROM_PROVINCE, sentAgain: true }],
    ['sent down again', 'provincial', { ...FROM_NATIONAL, sentAgain: true }],
  ] as const)(
    'D14 what is %s of before the current event of its day is past',
    (_, level, arrival) => {
      const books = new Books(level, arrival);
      books.take(established(), day);
      books.take(named('乙', 'P-3'), day + 600_000);
      expect(books.take(named('甲', 'P-2'), day + 300_000).effect).toBe(Effect.STALE);
      expect(books.take(named('丙', 'P-4'), day + 900_000).effect).toBe(Effect.APPLIED);
      // Accepted in one batch, and so with one time.
      expect(books.take(named('丁', 'P-5'), day + 900_000).effect).toBe(Effect.APPLIED);
      expect(books.held?.entName).toBe('丁');
    },
  );

  it.each(['client', 'province'] as const)(
    'D14 a clock that was ahead and is set right reorders nothing that comes from a %s',
    (side) => {
      const arrival = side === 'client' ? FROM_CLIENT : FROM_PROVINCE;
      const books = new Books(side === 'client' ? 'provincial' : 'national', arrival);
      books.take(established(), day);
      books.take(named('甲', 'P-2'), day + 26 * 3_600_000);
      expect(books.take(named('乙', 'P-3'), day + 60_000).effect).toBe(Effect.APPLIED);
      expect(books.held?.entName).toBe('乙');
    },
  );

  it('D14 delivered again in any way, events leave what they left in order', () => {
    const events = [
      established(),
      named('甲', 'P-2'),
      named('乙', 'P-3'),
      named('乙', 'P-3', { version: 2 }),
      named('丙', 'P-4'),
    ];
    const inOrder = national();
    for (const event of events) inOrder.take(event);
    // After each event any of those before it may come again.
    const histories = fc.tuple(
      ...events.map((_, index) => fc.array(fc.nat({ max: index }), { maxLength: 3 })),
    );
    fc.assert(
      fc.property(histories, (repeats) => {
        const books = national();
        events.forEach((event, index) => {
          books.take(event);
          for (const again of repeats[index] ?? []) books.take(events[again] ?? event);
        });
        expect(books.held).toMatchObject({
          entName: inOrder.held?.entName,
          businessKey: inOrder.held?.businessKey,
          recordVersion: inOrder.held?.recordVersion,
        });
      }),
    );
  });
});
