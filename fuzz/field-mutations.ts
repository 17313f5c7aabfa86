import { clone, type DescMessage, type Message } from '@bufbuild/protobuf';
import { leavesOf } from '../test/support/leaves.js';
import { hostileValue } from './hostile.js';
import type { Random } from './random.js';

/** How often the element of a list is repeated: none, one, and around the limit of a batch. */
const TIMES = [0, 1, 2, 50, 51, 500, 501];

/** A copy of a message with hostile values in one to four places, or a list of another length. */
export function mutateMessage(desc: DescMessage, message: Message, random: Random): Message {
  const copy = clone(desc, message);
  if (random.oneIn(6)) stretchList(desc, copy, random);
  const leaves = [...leavesOf(desc, copy)];
  for (let times = random.int(4); times >= 0 && leaves.length > 0; times -= 1) {
    const leaf = random.pick(leaves);
    leaf.set(hostileValue(leaf.field, random));
  }
  return copy;
}

function stretchList(desc: DescMessage, message: Message, random: Random): void {
  const fields = message as unknown as Record<string, unknown>;
  const lists = desc.fields.filter(
    (field) => field.fieldKind === 'list' && (fields[field.localName] as unknown[]).length > 0,
  );
  if (lists.length === 0) return;
  const { localName } = random.pick(lists);
  const [element] = fields[localName] as unknown[];
  fields[localName] = Array.from({ length: random.pick(TIMES) }, () => element);
}
