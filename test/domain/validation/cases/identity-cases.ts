import { usccCheckDigit } from '../../../../server/domain/identifiers/uscc.js';
import { testCounterpart } from '../../../support/builders.js';
import { filing, licence, registration, type FindingCase } from './finding-case.js';

const party = (overrides: Parameters<typeof testCounterpart>[1]) =>
  licence({ counterpart: testCounterpart(1, overrides) });

/** A code with the right check digit, whatever the first 17 characters are. */
const complete = (first17: string) => first17 + (usccCheckDigit(first17) ?? '');

/** A code whose organisation part fails GB 11714 while the whole holds. */
const ORG_CODE_WRONG = complete('91330902MA1K00049');

/** Credit codes and registration numbers. */
export const IDENTITY_CASES: readonly FindingCase[] = [
  {
    title: 'VR1 a credit code with the letter O',
    code: 'USCC_FORMAT',
    field: 'uscc',
    bad: () => registration({ uscc: '91330203674737244O' }),
    good: () => registration({ uscc: '91330203674737244W' }),
  },
  {
    title: 'VR1 a registration without a credit code',
    code: 'REQUIRED',
    field: 'uscc',
    bad: () => registration({ uscc: '' }),
    good: () => registration(),
  },
  {
    title: 'VR1 lower case is read and reported',
    code: 'USCC_NOT_NORMALISED',
    field: 'uscc',
    bad: () => registration({ uscc: '91330203674737244w' }),
    good: () => registration({ uscc: '91330203674737244W' }),
  },
  {
    title: 'VR2 a wrong check digit',
    code: 'USCC_CHECK_DIGIT',
    field: 'uscc',
    bad: () => registration({ uscc: '91350100M000100Y4Y' }),
    good: () => registration({ uscc: '91350100M000100Y43' }),
  },
  {
    title: 'VR2 a wrong check digit in a filing',
    code: 'USCC_CHECK_DIGIT',
    field: 'filing.uscc',
    bad: () => filing({ uscc: '91350100M000100Y4Y' }),
    good: () => filing({ uscc: '91350100M000100Y43' }),
  },
  {
    title: 'VR3 an organisation code with a wrong check character',
    code: 'USCC_ORG_CODE',
    field: 'uscc',
    bad: () => registration({ uscc: ORG_CODE_WRONG }),
    good: () => registration({ uscc: '91310115MA1K0004X1' }),
  },
  {
    title: 'VR3 the same where the node is strict',
    code: 'USCC_ORG_CODE_STRICT',
    field: 'uscc',
    bad: () => registration({ uscc: ORG_CODE_WRONG }, {}, { strictOrgCode: true }),
    good: () => registration({}, {}, { strictOrgCode: true }),
  },
  {
    title: 'VR4 the credit code of an authority in a registration',
    code: 'USCC_NOT_MARKET_REGULATION',
    field: 'uscc',
    bad: () => registration({ uscc: '11100000MB0143028R' }),
    good: () => registration(),
  },
  {
    title: 'VR4 a second character that is no kind of entity',
    code: 'USCC_ENTITY_KIND',
    field: 'uscc',
    bad: () => registration({ uscc: complete('94330203674737244') }),
    good: () => registration(),
  },
  {
    title: 'VR5 region digits of no province',
    code: 'USCC_REGION_UNKNOWN',
    field: 'uscc',
    bad: () => registration({ uscc: complete('91990203674737244') }),
    good: () => registration(),
  },
  {
    title: 'VR5 region digits of another province',
    code: 'MIGRATED_OR_MISMATCH',
    field: 'uscc',
    bad: () => registration({ uscc: '91340000711771143J' }),
    good: () => registration({ uscc: '91330203674737244W' }),
  },
  {
    title: 'VR6 the placeholder of zeros and X',
    code: 'USCC_PLACEHOLDER',
    field: 'licence.counterpart.uscc',
    bad: () => party({ uscc: '00000000000000000X' }),
    good: () => party({}),
  },
  {
    title: 'VR25 a registration number of 13 digits',
    code: 'REG_NO_FORMAT',
    field: 'licence.counterpart.reg_no',
    bad: () => party({ regNo: '3309020000012' }),
    good: () => party({ regNo: '110108000000016' }),
  },
  {
    title: 'VR25 a registration number with a wrong check digit',
    code: 'REG_NO_CHECK_DIGIT',
    field: 'licence.counterpart.reg_no',
    bad: () => party({ regNo: '110108000000017' }),
    good: () => party({ regNo: '110108000000016' }),
  },
  {
    title: 'VR6 a placeholder as the only identity',
    code: 'REG_NO_PLACEHOLDER',
    field: 'licence.counterpart.reg_no',
    bad: () => party({ uscc: '', regNo: '无' }),
    good: () => party({ uscc: '', regNo: '110108000000016' }),
  },
  {
    title: 'VR25 a record that names no enterprise',
    code: 'COUNTERPART_UNIDENTIFIED',
    field: 'licence.counterpart.uscc',
    bad: () => party({ uscc: '', regNo: '' }),
    good: () => party({ regNo: '' }),
  },
];
