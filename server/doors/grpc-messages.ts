/** Compressed flag and length. */
const PREFIX_BYTES = 5;

/** Follows the messages of a gRPC stream and tells how much has come of one that is not whole. */
export class MessageMeter {
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #read = 0;
  #left = 0;

  /** `mostBytes`: a longer message is refused as soon as it says so, and nothing of it is held. */
  constructor(private readonly mostBytes: number) {}

  /** Takes the next bytes; answers how many of an unfinished message have come so far. */
  feed(bytes: Buffer): number {
    for (let at = 0; at < bytes.length;) {
      if (this.#read < PREFIX_BYTES) {
        const end = Math.min(bytes.length, at + PREFIX_BYTES - this.#read);
        bytes.copy(this.#prefix, this.#read, at, end);
        this.#read += end - at;
        at = end;
        if (this.#read === PREFIX_BYTES) this.#left = this.#prefix.readUInt32BE(1);
      } else {
        const taken = Math.min(this.#left, bytes.length - at);
        this.#left -= taken;
        this.#read += taken;
        at += taken;
      }
      if (this.#read >= PREFIX_BYTES && this.#left === 0) this.#read = 0;
    }
    return this.#read + this.#left > this.mostBytes + PREFIX_BYTES ? 0 : this.#read;
  }
}
