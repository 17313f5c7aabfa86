import type { Effect, Finding, MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { Channel } from '#gen/zhengzhao/v1/package_pb.js';
import type { CatalogView } from '../catalog/view.js';
import type { Message, MessageHead, RecordKey } from '../message.js';
import type { ChannelRoute } from '../registration/channel-route.js';
import type { ReachedDepartment } from '../registration/departments.js';
import type { RoutingRow } from '../routing/table.js';

/** The node that decides, and what it knows besides its stored state. */
export interface NodeContext {
  /** Own six-digit code. */
  readonly node: string;
  readonly level: 'national' | 'provincial';
  readonly nationalNode: string;
  readonly nowMs: number;
  /** Channels by which packages leave where no route says otherwise (R10, R15, R31). */
  readonly channels: readonly Channel[];
  /** Ways out that the province configured. Unset: departments fetch, nothing is pushed. */
  readonly channelRoutes?: readonly ChannelRoute[];
  /** The catalogue as it stood on a civil date (R23). */
  catalogOn(date: string): CatalogView | undefined;
  /** Node of a registration authority, by longest prefix (D11); 总局 by the domicile (D4). */
  homeNodeOf(regOrg: string, domDistrict: string): string | undefined;
  /** Whether a civil date is a public holiday (VR31). Unset: no holidays are known. */
  readonly isHoliday?: (date: string) => boolean;
}

/** What the enterprise's own province said about a record it attributed. */
export interface AttributionNotice {
  readonly uscc: string;
  readonly node: string;
  readonly atMs: number;
  readonly method: string;
}

/** How a message came to the node. */
export interface Arrival {
  /** From a system at the node's own level, from a province, or from the national node. */
  readonly side: 'client' | 'province' | 'national';
  /** `client`, or the code of the node that delivered it. */
  readonly origin: string;
  readonly attribution: AttributionNotice | undefined;
  /** Revision of the not-public mark at the sender (D7); 0 from clients. */
  readonly revision: number;
  /** Authorities for which the sender is registered, itself among them. Unset: no register knows it. */
  readonly speaksFor?: readonly string[] | undefined;
  /** Node that gave back what this one had taken from a client before a restore. Unset: none did. */
  readonly givenBackBy?: string;
  /** This node had acknowledged it to its sender before. Unset: not that the sender knows. */
  readonly sentAgain?: boolean;
}

/** A message on the point of being decided, with the number under which it will be stored. */
export interface Candidate {
  readonly seq: number;
  readonly head: MessageHead;
  readonly message: Message;
  readonly arrival: Arrival;
  /** When the first node on its way accepted it. Unset: this node is the first, and accepts it now. */
  readonly takenInAtMs?: number | undefined;
}

/** Work for another node. */
export interface PlannedDelivery {
  readonly messageSeq: number;
  readonly destination: string;
  readonly entity: string;
  readonly action: 'carry' | 'withdraw';
  readonly kind: MessageKind;
  readonly rule: string;
  readonly revision: number;
  readonly state: 'open' | 'held-back';
}

/** A package for one department; its bytes are built when it is written. */
export interface PlannedPackage {
  readonly uscc: string;
  readonly department: ReachedDepartment;
}

/**
 * A record that must not go any further: open deliveries of it are held back, and where one has
 * left already a content-free withdrawal follows (D7).
 */
export interface Recall {
  readonly key: RecordKey;
  readonly messageSeq: number;
  readonly entity: string;
  readonly revision: number;
  /** The node that told us, which needs no withdrawal. */
  readonly except: string | undefined;
  /** The node from which the record came: it is told, too, though nothing was sent there. Unset: none. */
  readonly cameFrom?: string | undefined;
}

/**
 * Nodes below must learn of the mark of a record of the national level, wherever the record went or
 * is on its way to (F20): the message is carried to each of them.
 */
export interface MarkNotice extends Omit<PlannedDelivery, 'destination' | 'state' | 'action'> {
  readonly key: RecordKey;
  /** Nodes that are told already. */
  readonly besides: readonly string[];
}

/** One leg that concerns the message, for the answer of a dry run and the life line. */
export interface DecidedLeg {
  readonly row: RoutingRow;
  /** Node or department code; empty for the publicity system and the shared library. */
  readonly code: string;
  readonly name: string;
  readonly permitItemCodes: readonly string[];
}

/** What accepting a message does. State changes are in the world it was decided on. */
export interface Decision {
  readonly effect: Effect;
  readonly warnings: readonly Finding[];
  /** False when nothing changes, as for a delivery that came twice. */
  readonly changed: boolean;
  /** False when the content must not be stored: the record is not public here any more (D7). */
  readonly keepContent: boolean;
  readonly deliveries: readonly PlannedDelivery[];
  readonly packages: readonly PlannedPackage[];
  readonly recalls: readonly Recall[];
  /** Unset: nobody else has to learn of a mark. */
  readonly notices?: readonly MarkNotice[];
  /** Records of which every stored content is deleted. */
  readonly erased: readonly RecordKey[];
  readonly legs: readonly DecidedLeg[];
}

/** A decision that does nothing but answer. */
export function noChange(effect: Effect, keepContent = true): Decision {
  return {
    effect,
    warnings: [],
    changed: false,
    keepContent,
    deliveries: [],
    packages: [],
    recalls: [],
    erased: [],
    legs: [],
  };
}
