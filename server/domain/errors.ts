import type { Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';

/** A sentence for people, in both languages of the product. */
export interface Bilingual {
  readonly zh: string;
  readonly en: string;
}

/** Both texts as one, Chinese first, for what has room for one only; a text that is empty is left out. */
export function inBoth({ zh, en }: Bilingual): string {
  return [zh, en].filter(Boolean).join(' / ');
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

/** Characters of a text or a fact; what a caller made up may be quoted in it and be of any length. */
const MOST_CHARACTERS = 300;

function shorten(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  // Not between the halves of a character outside the basic plane.
  return `${text.slice(0, MOST_CHARACTERS).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function shortenAll(facts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, shorten(fact)]));
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
    super(`${ErrorReason[reason]}: ${shorten(text.en)}`, { cause: details.cause });
    this.name = 'HubError';
    this.reason = reason;
    this.text = { zh: shorten(text.zh), en: shorten(text.en) };
    const { metadata } = details;
    this.details = metadata ? { ...details, metadata: shortenAll(metadata) } : details;
  }
}

/** Whether the same, sent again as it is, may be taken. */
export function isForNow({ details }: HubError): boolean {
  return (details.retryAfterMs ?? 0) > 0;
}

/** NOT_FOUND for a thing named in both languages. */
export function notFound(zh: string, en: string): HubError {
  return new HubError(ErrorReason.NOT_FOUND, { zh: `未找到${zh}。`, en: `No such ${en}.` });
}
