import { Operation, OperationSchema, type Envelope } from '#gen/zhengzhao/v1/common_pb.js';
import { civilDateIn } from '../identifiers/civil-date.js';
import { showsNothing } from '../identifiers/text.js';
import type { Check, ValidationContext } from './context.js';
import { compileFields, inSequence, isBlank } from './field-checks.js';
import {
  choice,
  code,
  MESSAGE_REFERENCE,
  ORGANISATION,
  SIX_DIGITS,
  text,
  type FieldSpec,
} from './field-specs.js';
import { asIs } from './quotation.js';
import type { MessageFindings } from './message-findings.js';

/** Versions of the data standard this hub understands (R42, R51). */
const SCHEMA_VERSIONS: readonly string[] = Object.freeze(['1.0']);

/** How far the clock of a source may be ahead. */
const CLOCK_TOLERANCE_MINUTES = 5;

/** Every program counts so far exactly, also one whose numbers are all floating. */
const HIGHEST_VERSION = BigInt(Number.MAX_SAFE_INTEGER);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;
const NIL_UUID = '00000000-0000-0000-0000-000000000000';

const FIRST_INSTANT_S = -5_364_662_400n; // 1800-01-01
const LAST_INSTANT_S = 253_402_300_799n; // 9999-12-31

/** Fields that identify a message and its source; checked again at every node it reaches. */
export const ENVELOPE_IDENTITY_FIELDS: readonly FieldSpec<Envelope>[] = [
  code(['message_id', '消息编号', 'message id'], (e) => e.messageId, MESSAGE_REFERENCE, {
    required: true,
    rule: 'R51',
  }),
  text(['business_key', '业务主键', 'business key'], (e) => e.businessKey, 64, {
    required: true,
    isNumber: true,
  }),
  choice(['operation', '增删改标志', 'operation'], (e) => e.operation, OperationSchema),
  code(['source_node', '数据汇总单位', 'source node'], (e) => e.sourceNode, SIX_DIGITS, {
    required: true,
    rule: 'VR7',
  }),
  code(['source_org', '报送单位', 'sending organisation'], (e) => e.sourceOrg, ORGANISATION, {
    required: true,
    rule: 'VR23',
  }),
  code(
    ['data_source_org_code', '数据来源单位代码', 'code of the data source unit'],
    (e) => e.dataSourceOrgCode,
    ORGANISATION,
    { rule: 'VR23' },
  ),
];

/** The other fields with a rule of their own. */
export const ENVELOPE_CONTENT_FIELDS: readonly FieldSpec<Envelope>[] = [
  // Looked at whatever the operation is: it is kept and shown with the message either way (VR27).
  text(['operation_reason', '删除原因', 'reason of the deletion'], (e) => e.operationReason, 500, {
    multiline: true,
  }),
  text(
    ['data_source_org_name', '数据来源单位', 'data source unit'],
    (e) => e.dataSourceOrgName,
    200,
  ),
];

const checkIdentityFields = compileFields(ENVELOPE_IDENTITY_FIELDS);

const checkAll = inSequence<Envelope>([
  checkIdentityFields,
  compileFields(ENVELOPE_CONTENT_FIELDS),
  checkMessageId,
  checkSchemaVersion,
  checkRecordVersion,
  checkDeletion,
  checkSourceNode,
  checkSourceTime,
]);

const checkIdentityOnly = inSequence<Envelope>([
  checkIdentityFields,
  checkMessageId,
  requireSchemaVersion,
  requireRecordVersion,
  requireSourceTime,
]);

const ENVELOPE_LABEL = { zh: '信封(envelope)', en: 'envelope' };
const SCHEMA_VERSION_LABEL = { zh: '数据标准版本(schema_version)', en: 'schema version' };
const SOURCE_TIME_LABEL = { zh: '数据汇总时间(source_time)', en: 'source time' };

/** All rules of the envelope of a submission. */
export function checkEnvelope(
  envelope: Envelope | undefined,
  context: ValidationContext,
  found: MessageFindings,
): void {
  if (envelope) checkAll(envelope, 'envelope.', context, found);
  else found.add('REQUIRED', 'envelope', { label: ENVELOPE_LABEL });
}

/** The rules that still hold when another node has judged the message already. */
export function checkRelayedEnvelope(
  envelope: Envelope | undefined,
  context: ValidationContext,
  found: MessageFindings,
): void {
  if (envelope) checkIdentityOnly(envelope, 'envelope.', context, found);
  else found.add('REQUIRED', 'envelope', { label: ENVELOPE_LABEL });
}

type EnvelopeRule = Check<Envelope>;

function checkMessageId(...[envelope, at, , found]: Parameters<EnvelopeRule>): void {
  const id = envelope.messageId;
  if (isBlank(id) || !MESSAGE_REFERENCE.pattern.test(id)) return;
  if (id === NIL_UUID || !(UUID.test(id) || ULID.test(id))) {
    found.add('MESSAGE_ID_FORMAT', `${at}message_id`);
  }
}

function requireSchemaVersion(...[envelope, at, , found]: Parameters<EnvelopeRule>): void {
  if (!isBlank(envelope.schemaVersion)) return;
  found.add('REQUIRED', `${at}schema_version`, { label: SCHEMA_VERSION_LABEL });
}

function checkSchemaVersion(...[envelope, at, context, found]: Parameters<EnvelopeRule>): void {
  const value = envelope.schemaVersion;
  if (SCHEMA_VERSIONS.includes(value)) return;
  requireSchemaVersion(envelope, at, context, found);
  if (isBlank(value)) return;
  const known = asIs(SCHEMA_VERSIONS.join(', '));
  found.add('SCHEMA_VERSION_UNKNOWN', `${at}schema_version`, { value, known });
}

function requireRecordVersion(...[envelope, at, , found]: Parameters<EnvelopeRule>): void {
  if (envelope.recordVersion < 1n) found.add('RECORD_VERSION_RANGE', `${at}record_version`);
}

/** Beyond {@link HIGHEST_VERSION} two versions that follow each other could not be told apart. */
function checkRecordVersion(...[envelope, at, context, found]: Parameters<EnvelopeRule>): void {
  requireRecordVersion(envelope, at, context, found);
  if (envelope.recordVersion > HIGHEST_VERSION)
    found.add('RECORD_VERSION_TOO_HIGH', `${at}record_version`, {
      max: asIs(String(HIGHEST_VERSION)),
    });
}

function checkDeletion(...[envelope, at, , found]: Parameters<EnvelopeRule>): void {
  if (envelope.operation === Operation.DELETE && showsNothing(envelope.operationReason)) {
    found.add('DELETE_WITHOUT_REASON', `${at}operation_reason`);
  }
}

/** R45, VR7: a submission enters the network at the node it names. */
function checkSourceNode(...[envelope, at, context, found]: Parameters<EnvelopeRule>): void {
  const value = envelope.sourceNode;
  if (!SIX_DIGITS.pattern.test(value) || value === context.node) return;
  found.add('WRONG_NODE', `${at}source_node`, { value, node: context.node });
}

function requireSourceTime(...[envelope, at, , found]: Parameters<EnvelopeRule>): void {
  if (envelope.sourceTime) return;
  found.add('REQUIRED', `${at}source_time`, { label: SOURCE_TIME_LABEL }, 'VR8');
}

function checkSourceTime(...[envelope, at, context, found]: Parameters<EnvelopeRule>): void {
  requireSourceTime(envelope, at, context, found);
  if (!envelope.sourceTime) return;
  const sentMs = sourceTimeMs(envelope);
  if (sentMs === undefined) found.add('SOURCE_TIME_INVALID', `${at}source_time`);
  else if (sentMs > context.nowMs + CLOCK_TOLERANCE_MINUTES * 60_000) {
    found.add('SOURCE_TIME_AHEAD', `${at}source_time`, { minutes: CLOCK_TOLERANCE_MINUTES });
  }
}

/** Source time in milliseconds since 1970; undefined when unset or outside 1800–9999. */
function sourceTimeMs(envelope: Envelope): number | undefined {
  const time = envelope.sourceTime;
  if (!time || time.nanos < 0 || time.nanos > 999_999_999) return undefined;
  if (time.seconds < FIRST_INSTANT_S || time.seconds > LAST_INSTANT_S) return undefined;
  return Number(time.seconds) * 1000 + Math.floor(time.nanos / 1_000_000);
}

/** Civil date of the source time (D12); undefined when it is unset or no instant. */
export function sourceDate(envelope: Envelope | undefined): string | undefined {
  const ms = envelope ? sourceTimeMs(envelope) : undefined;
  return ms === undefined ? undefined : civilDateIn(ms);
}
