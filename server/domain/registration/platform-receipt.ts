import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';

/** What is known of the acceptance of a package by its platforms. */
export interface Acceptances {
  /** The number that came first, and stands; empty: none came. */
  readonly platformReceiptNo: string;
  readonly steps: readonly {
    readonly status: PackageStatus;
    readonly by: string;
    readonly note: string;
  }[];
  /** By how many ways the package leaves: each of their platforms gives a number of its own (R31). */
  readonly ways: number;
}

/**
 * What a receipt number is: the `first`; the `same` as one that came; a `further` one, of another
 * platform by which the package leaves too; or it `contradicts` what was reported.
 */
export type ReceiptStanding = 'first' | 'same' | 'further' | 'contradicts';

/** The note of a step by which a number that is not the first is kept, with what was said about it. */
export function receiptNote(receiptNo: string, note = ''): string {
  const line = `回执号 / receipt ${receiptNo}`;
  return note === '' ? line : `${line} · ${note}`;
}

function names(note: string, receiptNo: string): boolean {
  const line = receiptNote(receiptNo);
  return note === line || note.startsWith(`${line} · `);
}

/**
 * Judges a number that a platform reports (R31, R33). The first completes the duty and stands; those
 * of the other ways are kept in the steps, no more than there are ways and one of each platform.
 */
export function standingOfReceipt(
  { receiptNo, by }: { readonly receiptNo: string; readonly by: string },
  { platformReceiptNo, steps, ways }: Acceptances,
): ReceiptStanding {
  if (platformReceiptNo === '') return 'first';
  const notes = steps.map((step) => step.note);
  const known = receiptNo === platformReceiptNo || notes.some((note) => names(note, receiptNo));
  if (known) return 'same';
  const spoke = steps.some(
    (step) => step.status === PackageStatus.DEEMED_DELIVERED && step.by === by,
  );
  const further = notes.filter(
    (note) => note.startsWith(receiptNote('')) && !names(note, platformReceiptNo),
  );
  return spoke || 1 + further.length >= ways ? 'contradicts' : 'further';
}
