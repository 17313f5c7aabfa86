import type { UnknownField } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import type { Filing } from '#gen/zhengzhao/v1/record_pb.js';
import { NATIONAL_NODE } from '../../../../server/domain/validation/context.js';
import { validateRecord } from '../../../../server/domain/validation/validator.js';
import { validFiling, validLicence } from '../../../support/builders.js';
import { zhejiangContext } from '../../../support/validation-context.js';
import { filing, inspection, licence, penalty, type FindingCase } from './finding-case.js';

const EXTRA: UnknownField = {
  no: 77,
  wireType: WireType.LengthDelimited,
  data: Uint8Array.of(1, 65),
};
const NATIONAL = zhejiangContext({ node: NATIONAL_NODE, level: 'national' });
/** Findings of a filing after something was done to its decoded message. */
function altered(alter: (value: Filing, record: ReturnType<typeof validFiling>) => void) {
  const record = validFiling();
  if (record.body.case === 'filing') alter(record.body.value, record);
  return validateRecord(record, zhejiangContext());
}

/** Filings, inspections and penalties. */
export const RECORD_CASES: readonly FindingCase[] = [
  {
    title: 'VR21 a filing for an item that is not of mode 2',
    code: 'FILING_ITEM_MODE',
    field: 'filing.permit_item_code',
    bad: () => filing({ permitItemCode: 'PX-0035' }),
    good: () => filing({ permitItemCode: 'PX-0041' }),
  },
  {
    title: 'R44 VR21 a filing with any further attribute is refused',
    code: 'EXTRA_DATA_NOT_ALLOWED',
    field: 'filing',
    bad: () => altered((value) => Object.assign(value, { $unknown: [EXTRA] })),
    good: () => altered((value) => Object.assign(value, { $unknown: [] })),
  },
  {
    title: 'R44 VR21 nor may the attribute hide in its envelope',
    code: 'EXTRA_DATA_NOT_ALLOWED',
    field: 'envelope',
    bad: () => altered((_, { envelope }) => Object.assign(envelope ?? {}, { $unknown: [EXTRA] })),
    good: () => filing(),
  },
  {
    title: 'R44 VR21 nor beside its envelope',
    code: 'EXTRA_DATA_NOT_ALLOWED',
    field: '',
    bad: () => altered((_, record) => Object.assign(record, { $unknown: [EXTRA] })),
    good: () => filing(),
  },
  {
    title: 'R51 a field that the contract has not, in whatever message of a record',
    code: 'UNKNOWN_FIELD',
    field: 'licence.counterpart',
    bad: () => {
      const record = validLicence();
      if (record.body.case === 'licence')
        Object.assign(record.body.value.counterpart ?? {}, { $unknown: [EXTRA] });
      return validateRecord(record, zhejiangContext());
    },
    good: () => licence(),
  },
  {
    title: 'R19 a filing at the national node, where the plan names no filings',
    code: 'FILING_AT_NATIONAL_NODE',
    field: 'filing',
    bad: () => validateRecord(validFiling(), NATIONAL),
    good: () => validateRecord(validLicence(), NATIONAL),
  },
  {
    title: 'VR21 a filing without its registration',
    code: 'REQUIRED',
    field: 'filing.registration_event_id',
    bad: () => filing({ registrationEventId: '' }),
    good: () => filing(),
  },
  {
    title: 'VR10 an inspection result that the codes of one province lack',
    code: 'CODE_NOT_LISTED',
    field: 'inspection.result_codes[0]',
    bad: () => inspection({ resultCodes: ['Z'] }),
    good: () => inspection({ resultCodes: ['E'] }),
  },
  {
    title: 'VR10 an inspection result that is no code',
    code: 'CODE_UNKNOWN',
    field: 'inspection.result_codes[0]',
    bad: () => inspection({ resultCodes: ['合格'] }),
    good: () => inspection({ resultCodes: ['Z'] }),
  },
  {
    title: 'VR26 an inspection without a result',
    code: 'REQUIRED',
    field: 'inspection.result_codes',
    bad: () => inspection({ resultCodes: [] }),
    good: () => inspection({ resultCodes: ['1'] }),
  },
  {
    title: 'VR26 no problem found beside a problem',
    code: 'RESULT_NOT_EXCLUSIVE',
    field: 'inspection.result_codes',
    bad: () => inspection({ resultCodes: ['1', '6'] }),
    good: () => inspection({ resultCodes: ['6', '8'] }),
  },
  {
    title: 'VR10 an unknown inspection type',
    code: 'CODE_UNKNOWN',
    field: 'inspection.insp_type',
    bad: () => inspection({ inspType: '9' }),
    good: () => inspection({ inspType: '2' }),
  },
  {
    title: 'VR10 a disposal twice',
    code: 'CODE_DUPLICATE',
    field: 'inspection.disposal_codes[1]',
    bad: () => inspection({ disposalCodes: ['3', '3'] }),
    good: () => inspection({ disposalCodes: ['3', '4'] }),
  },
  {
    title: 'VR8 an inspection of tomorrow',
    code: 'DATE_IN_FUTURE',
    field: 'inspection.insp_date',
    bad: () => inspection({ inspDate: '2019-12-21' }),
    good: () => inspection({ inspDate: '2019-12-20' }),
  },
  {
    title: 'VR26 a fine without an amount',
    code: 'FINE_REQUIRED',
    field: 'penalty.fine_fen',
    bad: () => penalty({ fineFen: 0n }),
    good: () => penalty({ penTypes: ['1'], fineFen: 0n }),
  },
  {
    title: 'VR26 an amount without the type of a fine',
    code: 'FINE_WITHOUT_TYPE',
    field: 'penalty.fine_fen',
    bad: () => penalty({ penTypes: ['1'] }),
    good: () => penalty({ penTypes: ['2'] }),
  },
  {
    title: 'VR26 a confiscation of nothing',
    code: 'FORFEIT_REQUIRED',
    field: 'penalty.forfeit_fen',
    bad: () => penalty({ penTypes: ['2', '3'] }),
    good: () => penalty({ penTypes: ['2', '3'], forfeitGoods: '过期食品12袋' }),
  },
  {
    title: 'VR26 confiscated money without the type',
    code: 'FORFEIT_WITHOUT_TYPE',
    field: 'penalty.forfeit_fen',
    bad: () => penalty({ forfeitFen: 1n }),
    good: () => penalty({ penTypes: ['2', '3'], forfeitFen: 1n }),
  },
  {
    title: 'VR26 a revocation that names no licence',
    code: 'LICENCE_NAMED_REQUIRED',
    field: 'penalty.licence_name_no',
    bad: () => penalty({ penTypes: ['2', '7'] }),
    good: () => penalty({ penTypes: ['2', '7'], licenceNameNo: '食品经营许可证JY33309020000001' }),
  },
  {
    title: 'VR10 an unknown penalty type',
    code: 'CODE_UNKNOWN',
    field: 'penalty.pen_types[1]',
    bad: () => penalty({ penTypes: ['2', '10'] }),
    good: () => penalty({ penTypes: ['2', '9'] }),
  },
  {
    title: 'VR8 a penalty that ends before its decision',
    code: 'PENALTY_ENDS_BEFORE_DECISION',
    field: 'penalty.valid_to',
    bad: () => penalty({ validTo: '2019-12-16' }),
    good: () => penalty({ validTo: '2099-12-31' }),
  },
  {
    title: 'VR8 a publicity that ends before the decision',
    code: 'PUBLICITY_ENDS_BEFORE_DECISION',
    field: 'penalty.publicity_to',
    bad: () => penalty({ publicityTo: '2019-12-16' }),
    good: () => penalty({ publicityTo: '2019-12-17' }),
  },
  {
    title: 'VR31 a penalty that is sent late',
    code: 'LATE',
    field: 'penalty.dec_date',
    bad: () => penalty({ decDate: '2019-11-01' }),
    good: () => penalty(),
  },
];
