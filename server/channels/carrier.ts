import type { PackageContent } from '#gen/zhengzhao/v1/package_pb.js';
import { inBoth } from '../domain/errors.js';
import type { ClaimedDispatch } from '../storage/package-dispatch.js';

/** A package on the point of leaving, proved to be what was stored for its department (VR29). */
export interface OutgoingPackage {
  readonly claimed: ClaimedDispatch;
  readonly content: PackageContent;
}

/** What one attempt came to. Texts are for the log and the operator and hold no content. */
export type Outcome =
  /** The platform or department has it and said so: deemed delivered (R33). */
  | { readonly kind: 'accepted'; readonly receiptNo: string }
  /** It lies where the other side fetches it; a receipt follows. */
  | { readonly kind: 'placed' }
  /** The other side answered, and did not take it. */
  | { readonly kind: 'refused'; readonly error: string }
  /** No answer, or one that speaks of the other side's own trouble. */
  | { readonly kind: 'unreachable'; readonly error: string };

/** One way out. Never throws for what the other side does. */
export interface Carrier {
  /** Packages that may be under way at once. */
  readonly concurrency: number;
  /** Longest time of one attempt, in milliseconds. */
  readonly timeoutMs: number;
  /** Sends one package; the same package may be sent again, so its id says which it is. */
  send(outgoing: OutgoingPackage, stopping: AbortSignal): Promise<Outcome>;
}

/** What an error of the operating system or of fetch says, without content or address. */
export function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return inBoth({ zh: '未知故障', en: 'unknown failure' });
  const { cause } = error;
  if (cause instanceof Error) return failureOf(cause);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return code === '' ? error.name : code;
}
