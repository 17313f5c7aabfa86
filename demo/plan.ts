import type { MessageKind, ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import type { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { PublicityChange, Record } from '#gen/zhengzhao/v1/record_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { NodeCode, Province } from './nodes.js';

/** A licensing department that is told of an item, or decides it. */
export interface Department {
  readonly code: string;
  readonly name: string;
}

/** A permit item that an enterprise's scope implies, as the node resolved it. */
export interface ImpliedItem {
  readonly code: string;
  readonly name: string;
  readonly mode: ReformMode;
  readonly departments: readonly Department[];
}

/** A real enterprise of the sample, ready to be registered. */
export interface Subject {
  readonly uscc: string;
  readonly name: string;
  readonly province: Province;
  readonly status: string;
  /** Its establishment. */
  readonly event: RegistrationEvent;
  readonly items: readonly ImpliedItem[];
}

/** Why a message must be refused: the reason, and every rule that it breaks. */
export interface ExpectedRefusal {
  readonly reason: keyof typeof ErrorReason;
  readonly rules: readonly string[];
  /** What is wrong with it. */
  readonly zh: string;
  readonly en: string;
}

/** A registration to be sent, and what must become of it. */
export interface PlannedRegistration {
  readonly at: NodeCode;
  readonly event: RegistrationEvent;
  /** Items by department code, as the event states them. */
  readonly items: readonly ImpliedItem[];
  readonly refusal?: ExpectedRefusal;
}

/** How a record is to come under its enterprise (R29). */
export type Naming = 'by itself' | 'never' | 'by hand' | 'sent back';

/** The not-public mark of a record over time (R55, D7). */
export type Publicity = 'public' | 'non-public' | 'marked later' | 'marked and cleared';

/** A record to be sent, and the way it must take. */
export interface PlannedRecord {
  readonly kind: MessageKind;
  /** Node that takes it from its source. */
  readonly at: NodeCode;
  /** Province of its enterprise. */
  readonly home: Province;
  readonly record: Record;
  readonly naming: Naming;
  readonly publicity: Publicity;
  /** Text that stands in this record alone, where it must be looked for; empty for a public one. */
  readonly secret: string;
  /** Whether the receipt says that it waits (R36). */
  readonly waits: boolean;
  readonly refusal?: ExpectedRefusal;
}

/** A change of the not-public mark to be sent. */
export interface PlannedChange {
  readonly at: Province;
  readonly change: PublicityChange;
  readonly refusal?: ExpectedRefusal;
}
