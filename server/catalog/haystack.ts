/** A text to be found, and whose it is. */
export interface Segment {
  readonly owner: number;
  readonly text: string;
  /** Where a match may begin, as positions in the text. Unset: anywhere. */
  readonly starts?: ReadonlySet<number>;
}

/** How well a text was met: the whole of it, its beginning, or somewhere inside. */
export type Fit = 'whole' | 'prefix' | 'inside';

/**
 * Many short texts as one long string. One `indexOf` over it is far faster than one per text, which
 * is what keeps a search below a millisecond.
 */
export class Haystack {
  readonly #text: string;
  readonly #segments: readonly Segment[];
  readonly #offsets: Uint32Array;
  /** Per position of the long text: 1 where a match may begin. */
  readonly #starts: Uint8Array;

  constructor(segments: readonly Segment[]) {
    this.#segments = segments.filter((segment) => segment.text !== '');
    this.#offsets = new Uint32Array(this.#segments.length + 1);
    let offset = 0;
    this.#segments.forEach((segment, index) => {
      this.#offsets[index] = offset;
      // A line feed parts the texts; a search word holds none, so no match runs across.
      offset += segment.text.length + 1;
    });
    this.#offsets[this.#segments.length] = offset;
    this.#text = this.#segments.map((segment) => segment.text).join('\n');
    this.#starts = new Uint8Array(this.#text.length).fill(1);
    this.#segments.forEach((segment, index) => this.#restrict(segment, this.#offset(index)));
  }

  /** Reports the first fitting place of the word in each text that has one. */
  find(word: string, report: (owner: number, fit: Fit) => void): void {
    let at = this.#text.indexOf(word);
    while (at >= 0) {
      let next = at + 1;
      if (this.#starts[at] === 1) {
        const index = this.#segmentAt(at);
        const segment = this.#segments[index];
        if (!segment) return;
        report(segment.owner, fitOf(segment.text, at - this.#offset(index), word));
        // What follows in the same text fits no better than the first place did.
        next = this.#offset(index + 1);
      }
      at = this.#text.indexOf(word, next);
    }
  }

  #restrict(segment: Segment, offset: number): void {
    if (!segment.starts) return;
    this.#starts.fill(0, offset, offset + segment.text.length);
    for (const start of segment.starts) this.#starts[offset + start] = 1;
  }

  #offset(index: number): number {
    return this.#offsets[index] ?? this.#text.length;
  }

  #segmentAt(position: number): number {
    let low = 0;
    let high = this.#segments.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#offset(middle) <= position) low = middle;
      else high = middle;
    }
    return low;
  }
}

function fitOf(text: string, position: number, word: string): Fit {
  if (position > 0) return 'inside';
  return text.length === word.length ? 'whole' : 'prefix';
}
