import { hostileJson, hostileText } from './hostile.js';
import type { Random } from './random.js';

type Tree = Record<string, unknown> | unknown[];

/** The JSON of a request with something wrong in its values, in its text, or in its bytes. */
export function mutateJson(json: unknown, random: Random): Buffer {
  const tree = structuredClone(json);
  for (let times = random.int(3); times > 0; times -= 1) mutateTree(tree, random);
  const text = JSON.stringify(tree);
  return random.oneIn(2) ? Buffer.from(text) : random.pick(TEXT_MUTATIONS)(text, random);
}

/** Walks to a random place and changes what is there. */
function mutateTree(tree: unknown, random: Random): void {
  let place = tree as Tree;
  for (;;) {
    const keys = Object.keys(place);
    const key = keys.length > 0 ? random.pick(keys) : 'a';
    const value = (place as Record<string, unknown>)[key];
    if (typeof value === 'object' && value !== null && !random.oneIn(4)) {
      place = value as Tree;
      continue;
    }
    return changePlace(place, key, random);
  }
}

function changePlace(place: Tree, key: string, random: Random): void {
  const fields = place as Record<string, unknown>;
  switch (random.int(5)) {
    case 0:
      Reflect.deleteProperty(fields, key);
      break;
    case 1:
      fields[hostileText(random).slice(0, 300)] = fields[key];
      break;
    case 2:
      fields[key] = Array.isArray(place) ? hostileJson(random) : [fields[key], fields[key]];
      break;
    default:
      fields[key] = hostileJson(random);
  }
}

type TextMutation = (text: string, random: Random) => Buffer;

const nested = (open: string, close: string, depth: number): string =>
  `${open.repeat(depth)}1${close.repeat(depth)}`;

const TEXT_MUTATIONS: readonly TextMutation[] = [
  (text, random) => Buffer.from(text.slice(0, random.int(text.length + 1))),
  (text, random) => {
    const bytes = Buffer.from(text);
    bytes[random.int(bytes.length)] = random.int(256);
    return bytes;
  },
  (text) => Buffer.from(`\ufeff${text}`),
  (text) => Buffer.from(text.replace(/"[^"]*"(?=[,}\]])/, '"\\ud800\\u0000\\udfff"')),
  (text) => Buffer.from(text.replace(/:\s*"/, ':"\u0001')),
  // The same key twice, and again.
  (text) => Buffer.from(text.replace(/^\{(.*)\}$/su, '{$1,$1,$1}')),
  (text) => Buffer.from(text.replace(/^\{/, '{"__proto__":{"polluted":true},')),
  (text, random) => Buffer.from(text.replace(/\d+/, '9'.repeat(random.pick([20, 400, 100_000])))),
  (_, random) => Buffer.from(nested('[', ']', random.pick([50, 1000, 200_000]))),
  (_, random) =>
    Buffer.from(`{"registration":${nested('{"a":', '}', random.pick([50, 100_000]))}}`),
  (_, random) => Buffer.from(`{"records":[${'{},'.repeat(random.pick([499, 500, 100_000]))}{}]}`),
  // Not UTF-8, UTF-16, and nothing at all.
  (text) => Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 0xc0, 0x80, 0x7d])]),
  (text) => Buffer.from(text, 'utf16le'),
  (_, random) => random.bytes(random.pick([0, 1, 200])),
  () => Buffer.from('null'),
];
