interface Entry<T> {
  readonly value: T;
  readonly untilMs: number;
}

/** Answers that are good for a short while, at most so many; the ones asked for longest ago go first. */
export class BoundedCache<T> {
  readonly #entries = new Map<string, Entry<T>>();

  constructor(
    private readonly limits: { readonly entries: number; readonly forMs: number },
    /** Milliseconds of a clock that only goes forward. */
    private readonly elapsed: () => number,
  ) {}

  /** Undefined when it is not known, or not good any more. */
  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (!entry || entry.untilMs <= this.elapsed()) return undefined;
    return entry.value;
  }

  set(key: string, value: T): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, untilMs: this.elapsed() + this.limits.forMs });
    if (this.#entries.size <= this.limits.entries) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
