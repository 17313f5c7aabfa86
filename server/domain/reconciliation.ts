import type { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';

/** Count and digest of one day and class, as either side computes it. */
export interface DaySum {
  readonly date: string;
  readonly kind: MessageKind;
  readonly count: number;
  readonly digest: string;
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

/** Days and classes on which the sums differ, so that ids are compared for those alone (F21). */
export function differingSums(
  ours: readonly DaySum[],
  theirs: readonly DaySum[],
): { readonly date: string; readonly kind: MessageKind }[] {
  const name = ({ date, kind }: DaySum): string => `${date}/${kind}`;
  const all = new Map([...ours, ...theirs].map((sum) => [name(sum), sum]));
  const found = (sums: readonly DaySum[], key: string): DaySum | undefined =>
    sums.find((sum) => name(sum) === key);
  return [...all]
    .filter(([key]) => {
      const [here, there] = [found(ours, key), found(theirs, key)];
      return here?.count !== there?.count || here?.digest !== there?.digest;
    })
    .map(([, { date, kind }]) => ({ date, kind }));
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
