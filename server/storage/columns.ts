import { DataError } from './data-error.js';

/** How PostgreSQL's binary form writes one element of an array. */
interface Element<Value> {
  /** Object id of the element's type, in every PostgreSQL the same. */
  readonly oid: number;
  /** Bytes that the value takes. */
  size(value: Value): number;
  write(target: Buffer, value: Value, offset: number): void;
}

function integer(
  oid: number,
  bytes: number,
  limit: number,
  put: (target: Buffer, value: number, offset: number) => void,
): Element<number> {
  return {
    oid,
    size(value) {
      if (Number.isInteger(value) && value >= -limit && value < limit) return bytes;
      throw new DataError(`not an integer of ${bytes} bytes`);
    },
    write: put,
  };
}

const int2 = integer(21, 2, 2 ** 15, (target, value, offset) => target.writeInt16BE(value, offset));
const int4 = integer(23, 4, 2 ** 31, (target, value, offset) => target.writeInt32BE(value, offset));
const int8 = integer(20, 8, 2 ** 63, (target, value, offset) =>
  target.writeBigInt64BE(BigInt(value), offset),
);
const float8: Element<number> = {
  oid: 701,
  size: () => 8,
  write: (target, value, offset) => target.writeDoubleBE(value, offset),
};
const bool: Element<boolean> = {
  oid: 16,
  size: () => 1,
  write: (target, value, offset) => target.writeUInt8(value ? 1 : 0, offset),
};
const text: Element<string> = {
  oid: 25,
  size: (value) => Buffer.byteLength(value),
  write: (target, value, offset) => target.write(value, offset),
};
const bytea: Element<Uint8Array> = {
  oid: 17,
  size: (value) => value.length,
  write: (target, value, offset) => target.set(value, offset),
};
const JSONB_VERSION = 1;
const jsonb: Element<string> = {
  oid: 3802,
  size: (value) => 1 + Buffer.byteLength(value),
  write: (target, value, offset) => {
    target.writeUInt8(JSONB_VERSION, offset);
    target.write(value, offset + 1);
  },
};

const NONE = -1;

/** An array as PostgreSQL reads it in binary: dimensions, whether one is null, type, then each element. */
function encode<Value>(element: Element<Value>, values: readonly (Value | null)[]): Buffer {
  const head = values.length === 0 ? 12 : 20;
  const sizes = values.map((value) => (value === null ? NONE : element.size(value)));
  const target = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + 4 + Math.max(size, 0), head));
  target.writeInt32BE(values.length === 0 ? 0 : 1, 0);
  target.writeInt32BE(sizes.includes(NONE) ? 1 : 0, 4);
  target.writeInt32BE(element.oid, 8);
  if (values.length === 0) return target;
  target.writeInt32BE(values.length, 12);
  target.writeInt32BE(1, 16);
  let offset = head;
  values.forEach((value, index) => {
    const size = sizes[index] ?? NONE;
    offset = target.writeInt32BE(size, offset);
    if (value !== null) element.write(target, value, offset);
    offset += Math.max(size, 0);
  });
  return target;
}

/**
 * The columns of a batch, each one array for `unnest`, in PostgreSQL's binary form: the driver would
 * write every value as quoted text, and the server read it again, which cost a third of a batch's
 * time on either side. Undefined is null. A number that its type cannot hold throws DataError, as
 * the server would refuse it.
 */
export class Columns<Row> {
  constructor(private readonly rows: readonly Row[]) {}

  int2(read: (row: Row) => number): Buffer {
    return encode(int2, this.rows.map(read));
  }

  int4(read: (row: Row, index: number) => number): Buffer {
    return encode(int4, this.rows.map(read));
  }

  int8(read: (row: Row) => number): Buffer {
    return encode(int8, this.rows.map(read));
  }

  float8(read: (row: Row) => number | undefined): Buffer {
    return encode(
      float8,
      this.rows.map((row) => read(row) ?? null),
    );
  }

  bool(read: (row: Row) => boolean): Buffer {
    return encode(bool, this.rows.map(read));
  }

  text(read: (row: Row) => string | null | undefined): Buffer {
    return encode(
      text,
      this.rows.map((row) => read(row) ?? null),
    );
  }

  bytea(read: (row: Row) => Uint8Array | null | undefined): Buffer {
    return encode(
      bytea,
      this.rows.map((row) => read(row) ?? null),
    );
  }

  /** Lists of texts, to be cast with `::text[]`: PostgreSQL's arrays hold no arrays of different lengths. */
  texts(read: (row: Row) => readonly string[]): Buffer {
    return encode(
      text,
      this.rows.map((row) => arrayLiteral(read(row))),
    );
  }

  /** What is read is written as JSON. */
  jsonb(read: (row: Row) => unknown): Buffer {
    return encode(
      jsonb,
      this.rows.map((row) => JSON.stringify(read(row))),
    );
  }
}

/** A list of texts as PostgreSQL writes it: `{"a","b"}`. */
export function arrayLiteral(values: readonly string[]): string {
  const quoted = values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`);
  return `{${quoted.join(',')}}`;
}

/** Texts for `any(?::text[])`, as {@link Columns} writes them. */
export function textArray(values: readonly string[]): Buffer {
  return encode(text, values);
}
