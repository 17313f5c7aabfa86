import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { MessageKind, Operation } from '#gen/zhengzhao/v1/common_pb.js';
import {
  PublicityChangeSchema,
  RecordSchema,
  type Record as EnterpriseRecord,
} from '#gen/zhengzhao/v1/record_pb.js';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { hasError } from '../../../server/domain/finding.js';
import {
  validatePublicityChange,
  validateRecord,
  validateRegistration,
} from '../../../server/domain/validation/validator.js';
import {
  foodPermitItem,
  itemsWithWarnings,
  testName,
  validCancellation,
  validChange,
  validFiling,
  validInspection,
  validLicence,
  validPenalty,
  validPublicityChange,
  validRegistration,
} from '../../support/builders.js';
import { testCatalog } from '../../support/catalog.js';
import { zhejiangContext } from '../../support/validation-context.js';

const context = zhejiangContext();
const fields = (findings: readonly { field: string }[]) => findings.map(({ field }) => field);

describe('messages in order', () => {
  it.each([
    ['an establishment', validRegistration()],
    ['a change', validChange({}, { number: 7 })],
    ['a cancellation', validCancellation({}, { number: 8 })],
  ])('R30 %s has no finding', (_, event) => {
    expect(validateRegistration(event, context)).toEqual([]);
  });

  it.each<[string, EnterpriseRecord]>([
    ['R13 a licence', validLicence()],
    ['R44 a filing that holds references only', validFiling()],
    ['R19 an inspection', validInspection()],
    ['R19 a penalty', validPenalty()],
    [
      'R55 a licence that is not public',
      validLicence({}, { nonPublic: true, nonPublicBasis: '涉密' }),
    ],
  ])('%s has no finding', (_, record) => {
    expect(validateRecord(record, context)).toEqual([]);
  });

  it('R55 a change of the mark has no finding', () => {
    expect(validatePublicityChange(validPublicityChange(), context)).toEqual([]);
  });

  it('R44 a registration with a filing item needs no field that other registrations have not', () => {
    const filing = {
      permitItemCode: 'PX-0041',
      permitItemName: '食品经营许可(仅销售预包装食品)',
      scopeEntryCodes: ['PA0196'],
    };
    const event = validRegistration({
      scopeEntryCodes: ['PA0196'],
      opScope: '食品经营（销售预包装食品）',
      permitItems: [foodPermitItem(filing)],
    });
    expect(validateRegistration(event, context)).toEqual([]);
  });

  it('R1 R21 an enterprise outside the zones needs neither mark nor items', () => {
    const event = validRegistration({
      ftzFlag: false,
      ftzName: '',
      ftzAreaName: '',
      dom: '浙江省杭州市西湖区文三路1号',
      regOrg: '330106',
      domDistrict: '330106',
      licenseSeparationFlag: false,
      permitItems: [],
    });
    expect(validateRegistration(event, context)).toEqual([]);
  });

  it('D4 the national node takes what 总局 registers, wherever the domicile is', () => {
    const national = zhejiangContext({
      node: '100000',
      level: 'national',
      catalog: testCatalog({ node: '100000' }),
    });
    const event = validRegistration({ regOrg: '100000' }, { envelope: { sourceNode: '100000' } });
    expect(validateRegistration(event, national)).toEqual([]);
  });

  it('D11 an authority of the 兵团 is not one of 新疆', () => {
    const xinjiang = zhejiangContext({ node: '650000' });
    const event = validRegistration(
      { regOrg: '659001', domDistrict: '659001' },
      { envelope: { sourceNode: '650000' } },
    );
    const findings = validateRegistration(event, xinjiang);
    expect(findings.map(({ code }) => code)).toContain('REG_ORG_OTHER_NODE');
  });
});

describe('everything at once', () => {
  it('R49 reports every error of a registration together, in field order', () => {
    const event = validRegistration(
      {
        uscc: '91330203674737244A',
        entName: '<b>千岛</b>',
        apprDate: '2019-13-01',
        regState: '4',
        ftzAreaName: '',
        permitItems: [
          foodPermitItem({ receivingDeptCode: '330000000M120' }),
          foodPermitItem({ permitItemCode: 'PX-7777', receivingDeptName: '' }),
        ],
      },
      { envelope: { messageId: '1', operation: Operation.UNSPECIFIED, sourceNode: '110000' } },
    );
    expect(fields(validateRegistration(event, context))).toEqual([
      'envelope.message_id',
      'envelope.operation',
      'envelope.source_node',
      'uscc',
      'ent_name',
      'appr_date',
      'ftz_area_name',
      'permit_items[0].receiving_dept_code',
      'permit_items[1].permit_item_code',
      'permit_items[1].receiving_dept_name',
      'reg_state',
    ]);
  });

  it('list elements stand in the order of their index', () => {
    const event = validRegistration({
      scopeEntryCodes: Array.from({ length: 12 }, (_, i) => `X${i}`),
    });
    const entries = fields(validateRegistration(event, context)).filter((f) => /codes\[/.test(f));
    expect(entries.slice(0, 12)).toEqual(
      Array.from({ length: 12 }, (_, i) => `scope_entry_codes[${i}]`),
    );
  });

  it.each([
    ['registration', () => validateRegistration(create(RegistrationEventSchema), context)],
    ['record', () => validateRecord(create(RecordSchema), context)],
    ['change of the mark', () => validatePublicityChange(create(PublicityChangeSchema), context)],
  ])('an empty %s is refused and nothing throws', (_, validate) => {
    expect(fields(validate())).toContain('envelope');
  });

  it('bounds what a hostile message can make the node write', () => {
    const permitItems = Array.from({ length: 600 }, () =>
      foodPermitItem({ receivingDeptCode: '' }),
    );
    const findings = validateRegistration(
      validRegistration({ permitItems, scopeEntryCodes: Array.from({ length: 900 }, () => '?') }),
      context,
    );
    expect(findings.length).toBeLessThanOrEqual(1000);
    expect(fields(findings)).toContain('permit_items');
  });

  it('an error behind a thousand warnings is found, in its place', () => {
    const permitItems = [
      ...itemsWithWarnings(21, 50),
      foodPermitItem({ permitItemCode: 'PX-7777' }),
      foodPermitItem({ receivingDeptCode: '330000000M120', receivingDeptName: '' }),
    ];
    const findings = validateRegistration(validRegistration({ permitItems }), context);
    expect(findings).toHaveLength(1000);
    expect(findings.filter((one) => hasError([one])).map(({ code }) => code)).toEqual([
      'PERMIT_ITEM_UNKNOWN',
      'RECEIVING_DEPT_UNKNOWN',
      'REQUIRED',
    ]);
    expect(fields(findings).slice(-3)).toEqual([
      'permit_items[21].permit_item_code',
      'permit_items[22].receiving_dept_code',
      'permit_items[22].receiving_dept_name',
    ]);
  });

  it('says how a record differs from its key, by both numbers', () => {
    const change = validPublicityChange({
      record: { kind: MessageKind.LICENCE, ownerOrg: '330000000M660', businessKey: testName(1) },
    });
    const codes = validatePublicityChange(change, context).map(({ code }) => code);
    expect(codes).toEqual(['BUSINESS_KEY_MISMATCH']);
  });
});
