import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { MessageKind, Operation } from '#gen/zhengzhao/v1/common_pb.js';
import { RecordSchema, type Record as EnterpriseRecord } from '#gen/zhengzhao/v1/record_pb.js';
import { validateRecord } from '../../../../server/domain/validation/validator.js';
import { AUTHORITY, BUILDER_NOW_MS, validLicence } from '../../../support/builders.js';
import { zhejiangContext } from '../../../support/validation-context.js';
import { licence, publicityChange, registration, type FindingCase } from './finding-case.js';

const head = (envelope: NonNullable<Parameters<typeof licence>[1]>['envelope']) =>
  registration({}, { envelope: envelope ?? {} });

const record = (value: EnterpriseRecord) => validateRecord(value, zhejiangContext());

/** The envelope, the sender and the not-public mark. */
export const ENVELOPE_CASES: readonly FindingCase[] = [
  {
    title: 'R51 a message without an envelope',
    code: 'REQUIRED',
    field: 'envelope',
    bad: () => record(create(RecordSchema, { body: validLicence().body })),
    good: () => record(validLicence()),
  },
  {
    title: 'R51 a message id that is neither UUID nor ULID',
    code: 'MESSAGE_ID_FORMAT',
    field: 'envelope.message_id',
    bad: () => head({ messageId: 'REG-2019-0001' }),
    good: () => head({ messageId: '01DWP9B1N5V0Z6Q3M8K7H2C4XT' }),
  },
  {
    title: 'R51 the nil UUID as a message id',
    code: 'MESSAGE_ID_FORMAT',
    field: 'envelope.message_id',
    bad: () => head({ messageId: '00000000-0000-0000-0000-000000000000' }),
    good: () => head({ messageId: '018F4E2A-7C1B-7DEF-8A00-0123456789AB' }),
  },
  {
    title: 'R51 an unknown version of the data standard',
    code: 'SCHEMA_VERSION_UNKNOWN',
    field: 'envelope.schema_version',
    bad: () => head({ schemaVersion: '9.0' }),
    good: () => head({ schemaVersion: '1.0' }),
  },
  {
    title: 'R51 record version 0',
    code: 'RECORD_VERSION_RANGE',
    field: 'envelope.record_version',
    bad: () => head({ recordVersion: 0n }),
    good: () => head({ recordVersion: 1n }),
  },
  {
    title: 'VR10 an operation outside the enum',
    code: 'CODE_UNKNOWN',
    field: 'envelope.operation',
    bad: () => head({ operation: 9 as Operation }),
    good: () => head({ operation: Operation.UPDATE }),
  },
  {
    title: 'VR10 no operation',
    code: 'REQUIRED',
    field: 'envelope.operation',
    bad: () => head({ operation: Operation.UNSPECIFIED }),
    good: () => head({ operation: Operation.INSERT }),
  },
  {
    title: 'R51 a version that can not be told from the next',
    code: 'RECORD_VERSION_TOO_HIGH',
    field: 'envelope.record_version',
    bad: () => head({ recordVersion: 9_007_199_254_740_992n }),
    good: () => head({ recordVersion: 9_007_199_254_740_991n }),
  },
  {
    title: 'R51 a deletion whose reason shows nothing',
    code: 'DELETE_WITHOUT_REASON',
    field: 'envelope.operation_reason',
    bad: () => head({ operation: Operation.DELETE, operationReason: '\u200B' }),
    good: () => head({ operation: Operation.DELETE, operationReason: '重复' }),
  },
  {
    title: 'VR27 a control character in the reason, whatever the operation',
    code: 'TEXT_CONTROL_CHARACTER',
    field: 'envelope.operation_reason',
    bad: () => head({ operationReason: '误报\u0000' }),
    good: () => head({ operationReason: '误报' }),
  },
  {
    title: 'R51 a deletion without its reason',
    code: 'DELETE_WITHOUT_REASON',
    field: 'envelope.operation_reason',
    bad: () => head({ operation: Operation.DELETE }),
    good: () => head({ operation: Operation.DELETE, operationReason: '重复报送' }),
  },
  {
    title: 'R51 a business key of 65 characters',
    code: 'TOO_LONG',
    field: 'envelope.business_key',
    bad: () => head({ businessKey: 'K'.repeat(65) }),
    good: () => head({ businessKey: 'K'.repeat(64) }),
  },
  {
    title: 'VR7 a source node other than this one',
    code: 'WRONG_NODE',
    field: 'envelope.source_node',
    bad: () => head({ sourceNode: '440000' }),
    good: () => head({ sourceNode: '330000' }),
  },
  {
    title: 'VR23 a sender code of 19 characters',
    code: 'CODE_FORMAT',
    field: 'envelope.source_org',
    bad: () => head({ sourceOrg: '1'.repeat(19) }),
    good: () => head({ sourceOrg: '1'.repeat(18) }),
  },
  {
    title: 'VR8 a source time that is no instant',
    code: 'SOURCE_TIME_INVALID',
    field: 'envelope.source_time',
    bad: () => head({ sourceTime: { seconds: 9n ** 18n, nanos: 0 } }),
    good: () => head({ sourceTime: { seconds: 1_576_000_000n, nanos: 999_999_999 } }),
  },
  {
    title: 'VR8 a source time more than five minutes ahead',
    code: 'SOURCE_TIME_AHEAD',
    field: 'envelope.source_time',
    bad: () => head({ sourceTime: timestampFromMs(BUILDER_NOW_MS + 300_001) }),
    good: () => head({ sourceTime: timestampFromMs(BUILDER_NOW_MS + 300_000) }),
  },
  {
    title: 'R51 a business key that is not the number of the record',
    code: 'BUSINESS_KEY_MISMATCH',
    field: 'envelope.business_key',
    bad: () => licence({}, { envelope: { businessKey: 'LIC-2' } }),
    good: () => licence({}, { envelope: { businessKey: 'LIC-1' } }),
  },
  {
    title: 'VR10 a record without content',
    code: 'BODY_REQUIRED',
    field: 'body',
    bad: () => record(create(RecordSchema, { envelope: validLicence().envelope! })),
    good: () => record(validLicence()),
  },
  {
    title: 'VR23 a sender that is neither the authority nor its data source unit',
    code: 'NOT_THE_AUTHORITY',
    field: 'envelope.source_org',
    bad: () => licence({}, { envelope: { sourceOrg: 'TMP-330902-77' } }),
    good: () =>
      licence({}, { envelope: { sourceOrg: 'TMP-330902-77', dataSourceOrgCode: 'TMP-330902-77' } }),
  },
  {
    title: 'VR23 a not-public mark set by somebody else than the authority',
    code: 'NOT_THE_AUTHORITY',
    field: 'envelope.source_org',
    bad: () =>
      licence(
        {},
        {
          nonPublic: true,
          nonPublicBasis: '涉及国家秘密',
          envelope: { sourceOrg: 'TMP-330902-77', dataSourceOrgCode: AUTHORITY.code },
        },
      ),
    good: () => licence({}, { nonPublic: true, nonPublicBasis: '涉及国家秘密' }),
  },
  {
    title: 'R55 a basis for not being public without the mark',
    code: 'BASIS_WITHOUT_MARK',
    field: 'non_public_basis',
    bad: () => licence({}, { nonPublicBasis: '涉及国家秘密' }),
    good: () => licence({}, { nonPublicBasis: '无' }),
  },
  {
    title: 'R55 a not-public mark whose basis shows nothing',
    code: 'NON_PUBLIC_WITHOUT_BASIS',
    field: 'non_public_basis',
    bad: () => licence({}, { nonPublic: true, nonPublicBasis: '\u200B' }),
    good: () => licence({}, { nonPublic: true, nonPublicBasis: '涉密' }),
  },
  {
    title: 'R55 a not-public mark without its basis',
    code: 'NON_PUBLIC_WITHOUT_BASIS',
    field: 'non_public_basis',
    bad: () => licence({}, { nonPublic: true }),
    good: () => licence({}, { nonPublic: true, nonPublicBasis: '涉及商业秘密' }),
  },
  {
    title: 'VR2 an authority code with a wrong check digit',
    code: 'AUTHORITY_CODE_CHECK_DIGIT',
    field: 'licence.lic_authority_code',
    bad: () =>
      licence(
        { licAuthorityCode: '11100000MB0143028A' },
        { envelope: { sourceOrg: '11100000MB0143028A' } },
      ),
    good: () =>
      licence(
        { licAuthorityCode: '11100000MB0143028R' },
        { envelope: { sourceOrg: '11100000MB0143028R' } },
      ),
  },
  {
    title: 'VR4 the code of an enterprise as the code of an authority',
    code: 'AUTHORITY_CODE_KIND',
    field: 'licence.lic_authority_code',
    bad: () =>
      licence(
        { licAuthorityCode: '91330203674737244W' },
        { envelope: { sourceOrg: '91330203674737244W' } },
      ),
    good: () => licence(),
  },
  {
    title: 'VR10 a change of the mark as a deletion',
    code: 'OPERATION_NOT_APPLICABLE',
    field: 'envelope.operation',
    bad: () =>
      publicityChange(
        {},
        { envelope: { operation: Operation.DELETE, operationReason: '取消标记' } },
      ),
    good: () => publicityChange({ nonPublic: false }, {}),
  },
  {
    title: 'VR10 an event of an enterprise as a deletion',
    code: 'REGISTRATION_NOT_DELETABLE',
    field: 'envelope.operation',
    bad: () =>
      registration({}, { envelope: { operation: Operation.DELETE, operationReason: '报送有误' } }),
    good: () => registration(),
  },
  {
    title: 'R55 a change of the mark without its basis',
    code: 'REQUIRED',
    field: 'basis',
    bad: () => publicityChange({ basis: ' ' }),
    good: () => publicityChange(),
  },
  {
    title: 'R55 VR10 a change of the mark of a registration',
    code: 'CODE_UNKNOWN',
    field: 'record.kind',
    bad: () =>
      publicityChange({
        record: {
          kind: MessageKind.REGISTRATION,
          ownerOrg: AUTHORITY.code,
          businessKey: 'LIC-1',
        },
      }),
    good: () =>
      publicityChange({
        record: { kind: MessageKind.FILING, ownerOrg: AUTHORITY.code, businessKey: 'LIC-1' },
      }),
  },
  {
    title: 'VR23 a mark set by another organisation than the owner of the record',
    code: 'NOT_THE_AUTHORITY',
    field: 'envelope.source_org',
    bad: () => publicityChange({}, { envelope: { sourceOrg: 'TMP-330902-77' } }),
    good: () => publicityChange(),
  },
];
