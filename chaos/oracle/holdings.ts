/** A row of `messages`. */
export interface HeldMessage {
  readonly seq: number;
  readonly sourceNode: string;
  readonly messageId: string;
  readonly digest: string;
  readonly hasContent: boolean;
  readonly acceptedAtMs: number;
}

/** A row of `enterprises`. */
export interface HeldEnterprise {
  readonly uscc: string;
  readonly name: string;
  /** Newest first. */
  readonly formerNames: readonly string[];
}

/** A row of `records`. */
export interface HeldRecord {
  readonly record: string;
  readonly version: number;
  readonly state: 'current' | 'deleted' | 'withdrawn';
  readonly nonPublic: boolean;
  readonly named: boolean;
  /** Counts the changes of the mark. */
  readonly revision: number;
  readonly changeVersion: number;
}

/** A row of `deliveries`. */
export interface HeldDelivery {
  readonly messageSeq: number;
  readonly destination: string;
  readonly action: number;
  readonly rule: string;
  readonly revision: number;
  readonly state: 'open' | 'acknowledged' | 'dead' | 'held-back';
  readonly lastError: string;
}

/** A row of `packages`. */
export interface HeldPackage {
  readonly messageSeq: number;
  readonly department: string;
}

/** What a node holds once everything has settled. */
export interface Holdings {
  readonly node: string;
  readonly national: boolean;
  readonly messages: readonly HeldMessage[];
  readonly enterprises: readonly HeldEnterprise[];
  readonly records: readonly HeldRecord[];
  readonly deliveries: readonly HeldDelivery[];
  readonly packages: readonly HeldPackage[];
  /** At the national node: where text was found that was never public, such as a table or a log. */
  readonly secretPlaces: readonly string[];
  /** Breaks found in the node's audit chain, a line each. */
  readonly chainProblems: readonly string[];
}
