import { LRUCache } from 'lru-cache';
import type { Principal } from '../domain/access/principal.js';
import type { HubError } from '../domain/errors.js';

/** A looked-up credential: whom it proves and until when, or why it proves nobody. */
export type Proof =
  | { readonly principal: Principal; readonly tokenId: number; readonly untilMs: number }
  | { readonly error: HubError };

/** Credentials that prove somebody: how many are kept, and the time after which a revocation is known. */
export const PROVED = { entries: 10_000, forMs: 5_000 } as const;
/**
 * Credentials that prove nobody: how many are kept, and the time after which a registration is known.
 * Kept apart, so that whoever makes up credentials pushes out no good one.
 */
export const REFUSED = { entries: 1_000, forMs: 1_000 } as const;

/**
 * What was found out about credentials, for a short while; of each kind at most so many, of which those
 * that were used longest ago go first. What several callers show at once is looked up once.
 */
export class Proofs {
  readonly #proved: LRUCache<string, Proof>;
  readonly #refused: LRUCache<string, Proof>;
  /** Look-ups that have not ended. */
  readonly #asked = new Map<string, Promise<Proof>>();

  constructor(
    /** Milliseconds of a clock that only goes forward, above 0. */
    private readonly elapsed: () => number,
  ) {
    this.#proved = cacheOf(PROVED, elapsed);
    this.#refused = cacheOf(REFUSED, elapsed);
  }

  /**
   * What a credential proves; `ask` is called when it is not known, or not good any more, and told whether
   * it proved somebody before. Rejects with what `ask` rejects with, which is not kept.
   */
  of(key: string, ask: (provedBefore: boolean) => Promise<Proof>): Proof | Promise<Proof> {
    const known = this.#proved.get(key) ?? this.#refused.get(key) ?? this.#asked.get(key);
    if (known) return known;
    const asked = this.#ask(key, ask);
    this.#asked.set(key, asked);
    return asked;
  }

  async #ask(key: string, ask: (provedBefore: boolean) => Promise<Proof>): Promise<Proof> {
    // A proof is as old as the question: what is revoked while it is answered is known in time.
    const start = this.elapsed();
    try {
      const proof = await ask(this.#proved.peek(key, { allowStale: true }) !== undefined);
      const refused = 'error' in proof;
      (refused ? this.#refused : this.#proved).set(key, proof, { start });
      if (refused) this.#proved.delete(key);
      return proof;
    } finally {
      this.#asked.delete(key);
    }
  }
}

function cacheOf(
  { entries, forMs }: { readonly entries: number; readonly forMs: number },
  elapsed: () => number,
): LRUCache<string, Proof> {
  return new LRUCache({
    max: entries,
    ttl: forMs,
    // Looked at each time: a proof that is remembered a moment too long is a revoked caller let in.
    ttlResolution: 0,
    noDeleteOnStaleGet: true,
    perf: { now: elapsed },
  });
}
