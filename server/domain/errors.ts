import type { Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';

/** A sentence for people, in both languages of the product. */
export interface Bilingual {
  readonly zh: string;
  readonly en: string;
}

/** What an error can tell besides its reason. */
export interface HubErrorDetails {
  /** Every finding, when the input is at fault. */
  readonly findings?: readonly Finding[];
  /** Milliseconds after which trying again makes sense. */
  readonly retryAfterMs?: number;
  /** Machine-readable facts, such as a limit; never content of a message. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** For the log only; never sent. */
  readonly cause?: unknown;
}

/**
 * The one error that rules, storage and services throw on purpose. It knows no transport: the
 * doors translate its reason into a status code. Anything else thrown is a defect.
 */
export class HubError extends Error {
  readonly reason: ErrorReason;
  readonly text: Bilingual;
  readonly details: HubErrorDetails;

  constructor(reason: ErrorReason, text: Bilingual, details: HubErrorDetails = {}) {
    super(`${ErrorReason[reason]}: ${text.en}`, { cause: details.cause });
    this.name = 'HubError';
    this.reason = reason;
    this.text = text;
    this.details = details;
  }
}

/** NOT_FOUND for a thing named in both languages. */
export function notFound(zh: string, en: string): HubError {
  return new HubError(ErrorReason.NOT_FOUND, { zh: `未找到${zh}。`, en: `No such ${en}.` });
}
