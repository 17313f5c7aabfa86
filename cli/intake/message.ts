import { create, fromJson, type JsonValue, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  EnvelopeSchema,
  Operation,
  type Envelope,
  type Finding,
} from '#gen/zhengzhao/v1/common_pb.js';
import { RecordSchema, type Record as EnterpriseRecord } from '#gen/zhengzhao/v1/record_pb.js';
import {
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { fromRow } from '../../server/dictionary/from-row.js';
import type { InputClass } from './input-class.js';
import { derivedId } from './message-id.js';
import { faultFinding, misfitFinding } from './row-findings.js';
import type { SourceRow } from './source.js';

/** A message of a file. */
export type RowMessage = RegistrationEvent | EnterpriseRecord;

/** What rows need not state, as the command or the node says it. */
export interface RowDefaults {
  /** 数据汇总单位: the node that is sent to. */
  readonly sourceNode: string;
  /** 报送单位. Empty: the deciding authority of a record. */
  readonly sourceOrg: string;
  /** 数据汇总时间: the same for every run over a file, as a message must not change. */
  readonly sourceTimeMs: number;
}

/** A row, ready to be sent. */
export interface Prepared {
  readonly row: number;
  readonly message: RowMessage;
  readonly messageId: string;
  /** Rows of one enterprise have the same one and are sent in their order. */
  readonly orderKey: string;
  /** It states no 数据汇总时间 and was given the one of the run. */
  readonly undated: boolean;
  /** Why it can't be sent as it is; found here, before the node judges it. */
  readonly findings: readonly Finding[];
}

/**
 * The message of a row. What the row does not state of its envelope follows from the rest of it, so
 * the same row gives the same message, with the same id, every time.
 */
export function prepare(row: SourceRow, inputClass: InputClass, defaults: RowDefaults): Prepared {
  const read = row.message ? readContract(row.message, inputClass) : readColumns(row, inputClass);
  const { message, findings } = read;
  const undated = message.envelope?.sourceTime === undefined;
  const envelope = complete(message.envelope, row, inputClass, defaults, message);
  message.envelope = envelope;
  return {
    row: row.number,
    message,
    messageId: envelope.messageId,
    orderKey: orderKeyOf(message) || envelope.businessKey,
    undated,
    findings: [...row.faults.map(faultFinding), ...findings],
  };
}

interface Read {
  readonly message: RowMessage;
  readonly findings: readonly Finding[];
}

function readColumns({ values }: SourceRow, inputClass: InputClass): Read {
  const { init, misfits } = fromRow(values, inputClass.columns);
  return { message: messageOf(init, inputClass), findings: misfits.map(misfitFinding) };
}

function messageOf(init: Readonly<Record<string, unknown>>, { name }: InputClass): RowMessage {
  if (name === 'registration') {
    const { cancel, ...rest } = init;
    // A table has columns for it; a message that cancels nothing has no such part.
    const isStated = Object.keys(cancel ?? {}).length > 0;
    return create(RegistrationEventSchema, (isStated ? init : rest) as RegistrationInit);
  }
  const { [name]: value = {}, ...rest } = init;
  return create(RecordSchema, { ...rest, body: { case: name, value } } as RecordInit);
}

// Built by the dictionary, whose fields a test holds against the contract.
type RegistrationInit = MessageInitShape<typeof RegistrationEventSchema>;
type RecordInit = MessageInitShape<typeof RecordSchema>;

function readContract(json: object, { name }: InputClass): Read {
  const schema = name === 'registration' ? RegistrationEventSchema : RecordSchema;
  try {
    return { message: fromJson(schema, json as JsonValue), findings: [] };
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 200) : '';
    const fault = {
      column: '',
      code: 'NOT_THE_CONTRACT',
      zh: `本行与接口消息不符:${why}`,
      en: `The line is no message of the contract: ${why}`,
    };
    return { message: create(schema), findings: [faultFinding(fault)] };
  }
}

function complete(
  stated: Envelope | undefined,
  row: SourceRow,
  { name, keyColumn, senderColumn = '' }: InputClass,
  { sourceNode, sourceOrg, sourceTimeMs }: RowDefaults,
  message: RowMessage,
): Envelope {
  const envelope = create(EnvelopeSchema, stated ?? {});
  envelope.schemaVersion ||= '1.0';
  envelope.recordVersion ||= 1n;
  envelope.businessKey ||= textOf(row.values[keyColumn]);
  envelope.operation ||= envelope.recordVersion > 1n ? Operation.UPDATE : Operation.INSERT;
  envelope.sourceNode ||= sourceNode;
  envelope.sourceOrg ||= sourceOrg || textOf(row.values[senderColumn]);
  envelope.sourceTime ??= timestampFromMs(sourceTimeMs);
  envelope.messageId ||= derivedId(name, envelope, message);
  return envelope;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function orderKeyOf(message: RowMessage): string {
  if (message.$typeName === 'zhengzhao.v1.RegistrationEvent')
    return message.uscc.trim().toUpperCase();
  const { value } = message.body;
  if (!value) return '';
  const { uscc, regNo } =
    value.$typeName === 'zhengzhao.v1.Filing'
      ? { uscc: value.uscc, regNo: '' }
      : { uscc: value.counterpart?.uscc ?? '', regNo: value.counterpart?.regNo ?? '' };
  return uscc.trim().toUpperCase() || regNo;
}
