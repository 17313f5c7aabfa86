import { recordKeyText, type Party, type RecordKey } from '../message.js';
import type { EnterpriseDirectory } from '../record/attribution.js';
import type { RecordState } from '../record/record-state.js';
import type { Enterprise } from '../registration/enterprise.js';
import {
  withCurrent,
  withEvent,
  type ComingEvent,
  type HeldEvents,
} from '../registration/sequence.js';

/** What the node holds about everything that a batch of messages touches. */
export interface LoadedWorld {
  readonly enterprises: readonly Enterprise[];
  readonly records: readonly RecordState[];
  /** Of enterprises that the batch has events of, by credit code. */
  readonly heldEvents?: ReadonlyMap<string, HeldEvents>;
  /** Credit codes by message id of the registrations that the batch's filings refer to (VR21). */
  readonly registrationOwners?: ReadonlyMap<string, ReadonlySet<string>>;
}

const NOBODY: ReadonlySet<string> = new Set();

/**
 * The state that decisions read and change, in memory: loaded under lock before a batch is
 * decided, written in one go after. Messages of one batch see what earlier ones did.
 */
export class World implements EnterpriseDirectory {
  readonly #enterprises = new Map<string, Enterprise>();
  readonly #records = new Map<string, RecordState>();
  readonly #events: Map<string, HeldEvents>;
  readonly #owners: Map<string, ReadonlySet<string>>;
  readonly #changedEnterprises = new Set<string>();
  readonly #changedRecords = new Set<string>();

  constructor(loaded: LoadedWorld) {
    for (const enterprise of loaded.enterprises) this.#enterprises.set(enterprise.uscc, enterprise);
    for (const record of loaded.records) this.#records.set(recordKeyText(record.key), record);
    this.#events = new Map(loaded.heldEvents);
    this.#owners = new Map(loaded.registrationOwners);
  }

  byUscc(uscc: string): Enterprise | undefined {
    return this.#enterprises.get(uscc);
  }

  byRegNo(regNo: string): readonly Enterprise[] {
    return [...this.#enterprises.values()].filter((enterprise) => enterprise.regNo === regNo);
  }

  /** What is held of an enterprise's events; unset when none is, or none was asked for. */
  heldEvents(uscc: string): HeldEvents | undefined {
    return this.#events.get(uscc);
  }

  /** Enterprises with a registration of this message id, as far as the batch refers to it or brings it. */
  registrationOwners(messageId: string): ReadonlySet<string> {
    return this.#owners.get(messageId) ?? NOBODY;
  }

  /** A registration of an enterprise is kept, whatever becomes of its state. */
  noteRegistration(uscc: string, messageId: string): void {
    this.#owners.set(messageId, new Set(this.registrationOwners(messageId)).add(uscc));
  }

  record(key: RecordKey): RecordState | undefined {
    return this.#records.get(recordKeyText(key));
  }

  /** Unnamed records that may belong to an enterprise: same code, or same old number without code. */
  unnamedFor(enterprise: Pick<Enterprise, 'uscc' | 'regNo'>): RecordState[] {
    return [...this.#records.values()].filter(
      (record) =>
        record.naming === 'unnamed' &&
        record.state !== 'withdrawn' &&
        mayConcern(record.party, enterprise),
    );
  }

  /** Records attributed to an enterprise, as far as they were loaded: all of them when it moves. */
  attributedTo(uscc: string): RecordState[] {
    return [...this.#records.values()].filter(
      (record) => record.uscc === uscc && record.state !== 'withdrawn',
    );
  }

  /** The enterprise as this event leaves it. */
  putEnterprise(enterprise: Enterprise, coming: ComingEvent): void {
    this.#enterprises.set(enterprise.uscc, enterprise);
    this.#events.set(enterprise.uscc, withCurrent(this.#events.get(enterprise.uscc), coming));
    this.#changedEnterprises.add(enterprise.uscc);
  }

  /** An event that is kept and is not the current one. */
  noteEvent(uscc: string, coming: ComingEvent): void {
    const held = this.#events.get(uscc);
    if (held) this.#events.set(uscc, withEvent(held, coming));
  }

  putRecord(record: RecordState): void {
    const key = recordKeyText(record.key);
    this.#records.set(key, record);
    this.#changedRecords.add(key);
  }

  /** A copy with everything that was changed so far, to decide on what may be thrown away. */
  fork(): World {
    const copy = new World({
      enterprises: [...this.#enterprises.values()],
      records: [...this.#records.values()],
      heldEvents: this.#events,
      registrationOwners: this.#owners,
    });
    for (const uscc of this.#changedEnterprises) copy.#changedEnterprises.add(uscc);
    for (const key of this.#changedRecords) copy.#changedRecords.add(key);
    return copy;
  }

  get changedEnterprises(): Enterprise[] {
    return [...this.#changedEnterprises].map((uscc) => this.#enterprises.get(uscc)).filter(isThere);
  }

  get changedRecords(): RecordState[] {
    return [...this.#changedRecords].map((key) => this.#records.get(key)).filter(isThere);
  }
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}

function mayConcern(party: Party, enterprise: Pick<Enterprise, 'uscc' | 'regNo'>): boolean {
  if (party.uscc) return party.uscc === enterprise.uscc;
  return party.regNo !== '' && party.regNo === enterprise.regNo;
}
