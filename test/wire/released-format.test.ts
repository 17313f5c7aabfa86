import {
  createRegistry,
  fromBinary,
  fromJson,
  toBinary,
  toJson,
  type DescFile,
  type DescMessage,
  type Registry,
} from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { SERVICES } from '../support/doors.js';
import { frozen, frozenContract, messagesOf } from './old-contract.js';

const old = frozenContract();
const present = createRegistry(...withDependencies(SERVICES.map(({ file }) => file)));
const messages = Object.entries(frozen('messages'));

function withDependencies(files: readonly DescFile[]): DescFile[] {
  const all = new Set(files);
  for (const file of all) for (const one of file.dependencies) all.add(one);
  return [...all];
}

function found(contract: Registry, name: string): DescMessage {
  const desc = contract.getMessage(name);
  if (!desc) throw new Error(`${name} is not there any more`);
  return desc;
}

describe('the wire format of the first release', () => {
  it('is frozen whole: every message and every call', () => {
    expect(messages.map(([name]) => name).sort()).toEqual(
      messagesOf(old)
        .map(({ typeName }) => typeName)
        .sort(),
    );
    expect(messages.length).toBeGreaterThan(100);
  });

  it.each(messages)('%s of then means the same now', (name, instances) => {
    const desc = found(present, name);
    for (const { bytes, meaning } of instances) {
      const read = fromBinary(desc, Buffer.from(bytes, 'base64'));
      expect(read.$unknown ?? []).toEqual([]);
      expect(toJson(desc, read, { registry: present })).toEqual(meaning);
    }
  });

  it.each(messages)('%s of now is read then', (name, instances) => {
    const [now, then] = [found(present, name), found(old, name)];
    for (const { meaning } of instances) {
      const written = toBinary(now, fromJson(now, meaning));
      expect(toJson(then, fromBinary(then, written), { registry: old })).toEqual(meaning);
    }
  });
});
