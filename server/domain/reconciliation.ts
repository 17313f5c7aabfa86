import type { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { civilDateIn } from './identifiers/civil-date.js';

/** Count and digest of one day and class, as either side computes it. */
export interface DaySum {
  readonly date: string;
  readonly kind: MessageKind;
  readonly count: number;
  readonly digest: string;
}

/** Count and digest of one slice of a day and class. */
export interface SliceSum extends DaySum {
  readonly slice: number;
}

/** A day and class, or slices of it; no slices: all. */
export interface DayPart {
  readonly date: string;
  readonly kind: MessageKind;
  readonly slices: readonly number[];
}

/** A message that a side says it exchanged. */
export interface ExchangedId {
  readonly sourceNode: string;
  readonly messageId: string;
  readonly digest: string;
}

/** What two sides do not agree on. */
export interface Differences {
  /** Here and not there: sent again. */
  readonly missingThere: readonly ExchangedId[];
  /** There and not here: the other side sends it again when it compares. */
  readonly missingHere: readonly ExchangedId[];
  /** On both sides with different content: a person must look. */
  readonly different: readonly ExchangedId[];
}

const DAY_MS = 86_400_000;

/** Days compared each time, up to yesterday: what is still on its way is no difference. */
const DAYS = 7;

/** The days that a comparison at an instant looks at, both included. */
export function comparedDays(nowMs: number): { fromDate: string; toDate: string } {
  return { fromDate: civilDateIn(nowMs - DAYS * DAY_MS), toDate: civilDateIn(nowMs - DAY_MS) };
}

/** Those sums that differ, or that only one side has, by what they are of (F21). */
export function differingSums<Sum extends DaySum>(
  ours: readonly Sum[],
  theirs: readonly Sum[],
): { readonly ours: Sum | undefined; readonly theirs: Sum | undefined; readonly of: Sum }[] {
  const name = (sum: DaySum & { readonly slice?: number }): string =>
    `${sum.date}/${sum.kind}/${sum.slice ?? ''}`;
  const here = new Map(ours.map((sum) => [name(sum), sum]));
  const there = new Map(theirs.map((sum) => [name(sum), sum]));
  return [...new Map([...here, ...there])]
    .map(([key, of]) => ({ ours: here.get(key), theirs: there.get(key), of }))
    .filter(
      (pair) =>
        pair.ours?.count !== pair.theirs?.count || pair.ours?.digest !== pair.theirs?.digest,
    );
}

/**
 * Puts slices together whose ids are compared at a time: about `most` messages, one slice at least,
 * so that memory stays bounded when very much is missing.
 */
export function groupSlices(slices: readonly SliceSum[], most: number): DayPart[][] {
  const groups: { size: number; parts: Map<string, DayPart & { slices: number[] }> }[] = [];
  for (const { date, kind, slice, count } of slices) {
    let group = groups.at(-1);
    if (!group || group.size + count > most) {
      group = { size: 0, parts: new Map() };
      groups.push(group);
    }
    group.size += count;
    const name = `${date}/${kind}`;
    const part = group.parts.get(name) ?? { date, kind, slices: [] };
    part.slices.push(slice);
    group.parts.set(name, part);
  }
  return groups.map((group) => [...group.parts.values()]);
}

/** Compares two lists of ids, in any order. */
export function compareIds(
  ours: readonly ExchangedId[],
  theirs: readonly ExchangedId[],
): Differences {
  const name = (id: ExchangedId): string => `${id.sourceNode}/${id.messageId}`;
  const here = new Map(ours.map((id) => [name(id), id]));
  const there = new Map(theirs.map((id) => [name(id), id]));
  return {
    missingThere: ours.filter((id) => !there.has(name(id))),
    missingHere: theirs.filter((id) => !here.has(name(id))),
    different: ours.filter((id) => {
      const other = there.get(name(id));
      return other !== undefined && other.digest !== id.digest;
    }),
  };
}
