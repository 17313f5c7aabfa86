/** How many deliveries may be open. */
export interface BacklogLimits {
  /** For one destination: what a node that is dead for long may take of the whole. */
  readonly perDestination: number;
  /** For all destinations together. */
  readonly total: number;
}

/**
 * Open deliveries by destination: counted by the sweep, and in between raised by what this process
 * accepts, so that a fast sender can't run far past the limit from one look to the next. What was
 * delivered meanwhile is seen with the next look, so a full node accepts as fast as it delivers.
 */
export class Backlog {
  #open = new Map<string, number>();
  #total = 0;

  constructor(readonly limits: BacklogLimits) {}

  /** Open deliveries for all destinations, counted no further than just past the limits. */
  get total(): number {
    return this.#total;
  }

  /** Nothing more is taken, whoever it is for. */
  get isFull(): boolean {
    return this.#total > this.limits.total;
  }

  /** Some destination has used up its share. */
  get hasFullDestination(): boolean {
    return [...this.#open.values()].some((open) => open > this.limits.perDestination);
  }

  /** Nothing more is taken for this destination, until it has worked off some of its share. */
  isFullFor(destination: string): boolean {
    return (this.#open.get(destination) ?? 0) > this.limits.perDestination;
  }

  /** What the sweep found. */
  counted(open: ReadonlyMap<string, number>): void {
    this.#open = new Map(open);
    this.#total = [...open.values()].reduce((sum, one) => sum + one, 0);
  }

  /** Deliveries were opened by a batch that was committed. */
  opened(destinations: readonly string[]): void {
    for (const destination of destinations)
      this.#open.set(destination, (this.#open.get(destination) ?? 0) + 1);
    this.#total += destinations.length;
  }
}
