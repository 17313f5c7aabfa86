import type { Sent } from './history.js';

/** What must be held of an enterprise in the end. */
export interface ExpectedEnterprise {
  readonly uscc: string;
  readonly home: string;
  /** Every name it had, in order; the last one is the current one. */
  readonly names: readonly string[];
}

/** What must be held of a record in the end, at the node that it was sent to. */
export interface ExpectedRecord {
  readonly record: string;
  readonly at: string;
  readonly home: string;
  readonly version: number;
  readonly nonPublic: boolean;
  /** Changes of the mark since the first version. */
  readonly revision: number;
  readonly changeVersion: number;
  /** True when it was marked at any time: then its older versions may be gone elsewhere. */
  readonly everMarked: boolean;
  /** The message that holds the current version. */
  readonly messageId: string;
}

/** What follows from the messages that took effect. */
export interface Expectation {
  readonly enterprises: ReadonlyMap<string, ExpectedEnterprise>;
  readonly records: ReadonlyMap<string, ExpectedRecord>;
}

/** Plays the messages one after the other, as a single node without faults would. */
export function expect(effective: readonly Sent[]): Expectation {
  const enterprises = new Map<string, ExpectedEnterprise>();
  const records = new Map<string, ExpectedRecord>();
  for (const sent of effective) {
    const { enterprise: uscc, home, deed } = sent;
    if (deed.type === 'registration') {
      const names = enterprises.get(uscc)?.names ?? [];
      enterprises.set(uscc, { uscc, home, names: [...names, deed.name] });
    } else records.set(deed.record, recordAfter(records.get(deed.record), sent, deed));
  }
  return { enterprises, records };
}

type RecordDeed = Exclude<Sent['deed'], { type: 'registration' }>;

function recordAfter(
  before: ExpectedRecord | undefined,
  { at, home, messageId }: Sent,
  deed: RecordDeed,
): ExpectedRecord {
  const wasMarked = before?.nonPublic ?? false;
  // A later version without the mark is no clearance (R55).
  const nonPublic = deed.type === 'mark' ? deed.nonPublic : deed.marked || wasMarked;
  const toggled = before !== undefined && nonPublic !== wasMarked;
  return {
    record: deed.record,
    at,
    home,
    version: deed.type === 'record' ? deed.version : (before?.version ?? 0),
    nonPublic,
    revision: (before?.revision ?? 0) + (toggled ? 1 : 0),
    changeVersion: deed.type === 'mark' ? deed.version : (before?.changeVersion ?? 0),
    everMarked: nonPublic || (before?.everMarked ?? false),
    messageId: deed.type === 'record' ? messageId : (before?.messageId ?? ''),
  };
}
