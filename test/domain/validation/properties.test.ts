import { isMessage, type DescField, type DescMessage, type Message } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EnvelopeSchema, MessageKind, type Finding } from '#gen/zhengzhao/v1/common_pb.js';
import {
  CounterpartSchema,
  FilingSchema,
  InspectionSchema,
  LicenceSchema,
  PenaltySchema,
  RecordSchema,
} from '#gen/zhengzhao/v1/record_pb.js';
import {
  CancellationSchema,
  PermitItemRefSchema,
  RegistrationChangeSchema,
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { hasError } from '../../../server/domain/finding.js';
import {
  validateRecord,
  validateRegistration,
  validateRelayed,
} from '../../../server/domain/validation/validator.js';
import {
  foodPermitItem,
  itemsWithWarnings,
  validCancellation,
  validChange,
  validFiling,
  validInspection,
  validLicence,
  validPenalty,
  validRegistration,
} from '../../support/builders.js';
import { zhejiangContext } from '../../support/validation-context.js';

const context = zhejiangContext();

/** All message types of the tree, to reach every field of every part. */
const SCHEMAS: readonly DescMessage[] = [
  EnvelopeSchema,
  CounterpartSchema,
  RegistrationEventSchema,
  PermitItemRefSchema,
  RegistrationChangeSchema,
  CancellationSchema,
  RecordSchema,
  LicenceSchema,
  FilingSchema,
  InspectionSchema,
  PenaltySchema,
];

/** Strings that rules stumble over, besides arbitrary ones. */
const strangeText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\uD800',
    '2019-02-30',
    '9999-12-31',
    '1900-01-01',
    '<a>',
    '无',
  ),
  fc.constantFrom(
    '91330203674737244W',
    '00000000000000000X',
    '11010519491231002X',
    '$&',
    '{label}',
  ),
  fc.constantFrom('constructor', '__proto__', 'toString', '9'.repeat(500), '１２３'),
);

/** Every message in a tree, the root first. */
function parts(message: Message): Message[] {
  const children = Object.values(message).flatMap((value: unknown) =>
    (Array.isArray(value) ? value : [oneofValue(value)]).filter((part) => isMessage(part)),
  );
  return [message, ...children.flatMap(parts)];
}

function oneofValue(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'case' in value && 'value' in value
    ? value.value
    : value;
}

interface Mutation {
  readonly part: number;
  readonly field: number;
  readonly text: string;
  readonly number: number;
  readonly flag: boolean;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  part: fc.nat(30),
  field: fc.nat(60),
  text: strangeText,
  number: fc.integer(),
  flag: fc.boolean(),
});

/** Sets one field somewhere in the tree to something strange, or clears it. */
function mutate(root: Message, change: Mutation): void {
  const all = parts(root);
  const part = all[change.part % all.length] ?? root;
  const schema = SCHEMAS.find(({ typeName }) => typeName === part.$typeName);
  const field = schema?.fields[change.field % schema.fields.length];
  if (!schema || !field) return;
  const access = reflect(schema, part, false);
  if (change.flag && field.fieldKind !== 'scalar') access.clear(field);
  else setStrange(access, field, change);
}

function setStrange(access: ReturnType<typeof reflect>, field: DescField, change: Mutation): void {
  if (field.fieldKind === 'scalar') access.set(field, scalarOf(field.scalar, change));
  else if (field.fieldKind === 'enum') access.set(field, change.number);
  else if (field.fieldKind === 'list' && field.listKind === 'scalar') {
    access.get(field).add(change.text);
  } else access.clear(field);
}

function scalarOf(type: number, { text, number, flag }: Mutation): string | bigint | boolean {
  if (type === 9) return text;
  return type === 8 ? flag : BigInt(number);
}

function expectReadable(findings: readonly Finding[]): void {
  for (const { rule, code, messageZh, messageEn } of findings) {
    expect(rule).toMatch(/^(?:VR|R)\d+$/);
    expect(messageZh, code).toMatch(/\p{Script=Han}.*。$/u);
    expect(messageEn, code).toMatch(/^.{10,400}\.$/);
    expect(`${messageZh}${messageEn}`, code).not.toMatch(
      /undefined|\[object|\u0000|\uD800(?![\uDC00-\uDFFF])/,
    );
  }
}

describe('whatever a message holds', () => {
  const registrations = [validRegistration, validChange, validCancellation];
  const records = [validLicence, validFiling, validInspection, validPenalty];

  it('validation of a registration never throws and every finding is readable', () => {
    fc.assert(
      fc.property(
        fc.nat(2),
        fc.array(mutation, { minLength: 1, maxLength: 5 }),
        (which, changes) => {
          const event = (registrations[which] ?? validRegistration)();
          for (const change of changes) mutate(event, change);
          expectReadable(validateRegistration(event, context));
          expectReadable(validateRelayed(MessageKind.REGISTRATION, event, context));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('validation of a record never throws and every finding is readable', () => {
    fc.assert(
      fc.property(
        fc.nat(3),
        fc.array(mutation, { minLength: 1, maxLength: 5 }),
        (which, changes) => {
          const record = (records[which] ?? validLicence)();
          for (const change of changes) mutate(record, change);
          expectReadable(validateRecord(record, context));
          expectReadable(validateRelayed(MessageKind.LICENCE, record, context));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('an error refuses a registration, however many warnings stand before it', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(60), mutation, (rows, warnings, change) => {
        const item = foodPermitItem();
        mutate(item, change);
        const alone = validRegistration({ permitItems: [item] });
        const behind = validRegistration({
          permitItems: [...itemsWithWarnings(rows, warnings), item],
        });
        const errorsOf = (event: RegistrationEvent): string[] =>
          validateRegistration(event, context)
            .filter((finding) => hasError([finding]))
            .map(({ code, field }) => `${code} ${field.replace(/^permit_items\[\d+\]/, '')}`);
        // That an implied item is missing is no error of the row, and the rows before it may state it.
        const ofTheRow = errorsOf(alone).filter(
          (error) => error !== 'PERMIT_ITEM_MISSING permit_items',
        );
        expect(errorsOf(behind)).toEqual(expect.arrayContaining(ofTheRow));
      }),
      { numRuns: 200 },
    );
  });

  it('validation changes nothing and answers the same again', () => {
    fc.assert(
      fc.property(mutation, (change) => {
        const event = validRegistration();
        mutate(event, change);
        const before = structuredClone(event);
        const first = validateRegistration(event, context);
        expect(event).toEqual(before);
        expect(validateRegistration(event, context)).toEqual(first);
      }),
      { numRuns: 100 },
    );
  });
});

describe('VR28 findings repeat no personal data', () => {
  const secret = fc.constantFrom(
    '张三丰<b>',
    '赵钱孙李\u0007',
    'WANG XIAOMING #N/A',
    '欧阳\uFFFD震华',
  );

  it('names, addresses, telephones and free text of a registration', () => {
    fc.assert(
      fc.property(secret, (text) => {
        const line = {
          altItem: '03',
          altBe: `${text}甲`,
          altAf: `${text}乙`,
          altDate: '2019-12-18',
        };
        const event = validChange({
          entName: `${text}有限公司`,
          lerep: text,
          dom: `中国（广东）自由贸易试验区${text}`,
          tel: text,
          ftzJudgedBy: text,
          opScope: text,
          ftzName: text,
          ftzAreaName: text,
          changes: [line, line],
        });
        expectSilent(validateRegistration(event, context), text);
      }),
    );
  });

  it('the same in a field that should hold a code', () => {
    fc.assert(
      fc.property(secret, (text) => {
        const event = validRegistration({
          uscc: text,
          regNo: text,
          entType: text,
          regOrg: text,
          regState: text,
          apprDate: text,
          postalCode: text,
          scopeEntryCodes: [text],
        });
        expectSilent(validateRegistration(event, context), text);
      }),
    );
  });

  it('an identity number or a telephone in a code field is masked', () => {
    for (const number of ['11010519491231002X', '110105194912310021', '13800138000']) {
      const event = validRegistration({ postalCode: number, apprDate: number, regState: number });
      expectSilent(validateRegistration(event, context), number, 8);
    }
  });

  it('facts and counterpart of a penalty', () => {
    fc.assert(
      fc.property(secret, (text) => {
        const record = validPenalty({
          lerep: text,
          illegalFact: text,
          penContent: text,
          counterpart: { uscc: text, entName: text, regNo: text, regOrg: text },
        });
        expectSilent(validateRecord(record, context), text);
      }),
    );
  });

  /** No finding may hold the beginning of the text, which no sentence of ours has. */
  function expectSilent(findings: readonly Finding[], secretText: string, length = 3): void {
    expect(findings.length).toBeGreaterThan(0);
    const said = findings.map(({ messageZh, messageEn }) => messageZh + messageEn).join('\n');
    expect(said).not.toContain(secretText.slice(0, length));
  }
});
