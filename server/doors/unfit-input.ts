import type { DescField, DescMessage, DescMethod, Message } from '@bufbuild/protobuf';
import type { Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../domain/errors.js';
import { errorFinding } from '../domain/finding.js';
import { aroundEvery, type BoundService, type HandlerOf } from './service.js';

/** Most places that are named; a hostile request may have thousands. */
const MOST_FINDINGS = 20;

/** NUL, and half a surrogate pair, which JSON can write and UTF-8 can not. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

/**
 * The service with its unary calls guarded: what fails although no rule refused it, while the
 * request holds values that nothing can store, is the request's fault (INVALID_ARGUMENT with every
 * such field) and no defect. Requests that pass cost nothing more.
 */
export function blameUnfitInput(bound: BoundService): BoundService {
  return aroundEvery(bound, { unary: guard });
}

function guard(handle: HandlerOf['unary'], method: DescMethod): HandlerOf['unary'] {
  return async (request, call) => {
    try {
      return await handle(request, call);
    } catch (error) {
      if (error instanceof HubError) throw error;
      const findings = unfitFields(method.input, request);
      throw findings.length > 0 ? unfit(findings, error) : error;
    }
  };
}

function unfit(findings: readonly Finding[], cause: unknown): HubError {
  return new HubError(
    ErrorReason.VALIDATION_FAILED,
    {
      zh: `请求中有 ${findings.length} 个字段的值无法处理。`,
      en: `${findings.length} field(s) of the request hold a value that can not be used.`,
    },
    { findings, cause },
  );
}

/** Fields whose value fits its type on the wire, but neither a text column nor a date nor an enum. */
function unfitFields(desc: DescMessage, message: Message, at = ''): Finding[] {
  const fields = message as unknown as Readonly<Record<string, unknown>>;
  return desc.fields
    .flatMap((field) =>
      valuesOf(field, fields).flatMap((value, index) => {
        const path = `${at}${field.name}${field.fieldKind === 'list' ? `[${index}]` : ''}`;
        if (field.message) return unfitFields(field.message, value as Message, `${path}.`);
        return isUnfit(field, value) ? [finding(path)] : [];
      }),
    )
    .slice(0, MOST_FINDINGS);
}

function valuesOf(field: DescField, fields: Readonly<Record<string, unknown>>): unknown[] {
  const chosen =
    field.oneof && (fields[field.oneof.localName] as { case?: string; value?: unknown });
  const value = chosen
    ? chosen.case === field.localName
      ? chosen.value
      : undefined
    : fields[field.localName];
  if (value === undefined || field.fieldKind === 'map') return [];
  return field.fieldKind === 'list' ? (value as unknown[]).slice() : [value];
}

function isUnfit(field: DescField, value: unknown): boolean {
  if (typeof value === 'string') return UNSTORABLE.test(value);
  if (typeof value === 'bigint') return !Number.isSafeInteger(Number(value));
  return field.enum !== undefined && field.enum.value[value as number] === undefined;
}

function finding(path: string): Finding {
  return errorFinding('VR27', path, 'UNUSABLE_VALUE', {
    zh: '含有无法存储的字符(如 NUL),或数值超出范围。',
    en: 'It holds a character that can not be stored (such as NUL), or a number out of range.',
  });
}
