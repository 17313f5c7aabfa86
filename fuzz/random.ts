import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/**
 * Numbers that look random and are the same for the same seed and input, on every machine: so that
 * any input of a run can be made again without the others.
 */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  constructor(seed: number, input: number) {
    // Neighbouring inputs must not resemble each other.
    this.#generator = xoroshiro128plus(
      Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(input + 1, 0xc2b2ae35),
    );
    this.int(2);
    this.int(2);
  }

  /** From 0 up to and without `below`. */
  int(below: number): number {
    return uniformInt(this.#generator, 0, below - 1);
  }

  /** One of the given; fails on an empty list. */
  pick<T>(list: readonly T[]): T {
    const chosen = list[this.int(list.length)];
    if (chosen === undefined) throw new Error('nothing to pick from');
    return chosen;
  }

  /** True once in `times`. */
  oneIn(times: number): boolean {
    return this.int(times) === 0;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.int(256)));
  }
}
