import type { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import type { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import type { HubClient } from '../clients/client.js';
import type { Subject } from './subject.js';

/** A sentence in both languages. */
export interface Bilingual {
  readonly zh: string;
  readonly en: string;
}

/** The node under test, as everybody else sees it. */
export interface Services {
  readonly scopeCatalog: HubClient<typeof ScopeCatalog>;
  readonly registration: HubClient<typeof Registration>;
  readonly exchange: HubClient<typeof Exchange>;
  readonly dataCenter: HubClient<typeof DataCenter>;
}

/** One demand of the plan, and how a node shows that it fulfils it. */
export interface Check {
  /** Requirement of the plan, `R1` to `R55`. */
  readonly requirement: string;
  /** What is demanded, one sentence. */
  readonly demand: Bilingual;
  /** True: it leaves marked test data in the node, and wherever the node sends it. */
  readonly writes?: true;
  /** Throws Unmet, NotApplicable or HubClientError. */
  readonly run: (services: Services, subject: Subject) => Promise<void>;
}

/** The node answers otherwise than the plan demands. */
export class Unmet extends Error {
  constructor(
    readonly expected: Bilingual,
    readonly seen: string,
  ) {
    super(`${expected.en} ${seen}`);
    this.name = 'Unmet';
  }
}

/** The demand does not concern this node, or can't be tried here. */
export class NotApplicable extends Error {
  constructor(readonly reason: Bilingual) {
    super(reason.en);
    this.name = 'NotApplicable';
  }
}

/** Longest account of what was seen. */
const SEEN_LENGTH = 400;

/** Goes on when the node did as expected; else the check fails with what was seen instead. */
export function demand(holds: boolean, expected: Bilingual, seen: unknown): asserts holds {
  if (holds) return;
  const text = JSON.stringify(seen, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  throw new Unmet(expected, (text ?? 'undefined').slice(0, SEEN_LENGTH));
}
