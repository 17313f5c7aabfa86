import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createFileRegistry,
  fromBinary,
  type DescMessage,
  type DescService,
  type FileRegistry,
  type JsonValue,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/** Where the wire format of the first release is kept; `freeze.ts` wrote it, once. */
export const FROZEN = join(import.meta.dirname, '../fixtures/first-release');

/** A request of the first release: its bytes, and what they meant then, as JSON. */
export interface FrozenMessage {
  readonly bytes: string;
  readonly meaning: JsonValue;
}

/** The contract that a descriptor set holds. */
export function contractIn(bytes: Uint8Array): FileRegistry {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
}

/** The contract of the first release. */
export function frozenContract(): FileRegistry {
  return contractIn(readFileSync(join(FROZEN, 'descriptors.binpb')));
}

/** Services of the hub in a contract. */
export function servicesOf(contract: FileRegistry): DescService[] {
  return [...contract].filter(
    (type): type is DescService =>
      type.kind === 'service' && type.file.proto.package === 'zhengzhao.v1',
  );
}

/** Messages of the hub in a contract. */
export function messagesOf(contract: FileRegistry): DescMessage[] {
  return [...contract].filter(
    (type): type is DescMessage =>
      type.kind === 'message' &&
      type.file.proto.package === 'zhengzhao.v1' &&
      type.proto.options?.mapEntry !== true,
  );
}

/** A frozen file, by what it holds. */
export function frozen(name: 'calls' | 'messages'): Record<string, FrozenMessage[]> {
  const text = readFileSync(join(FROZEN, `${name}.json`), 'utf8');
  return JSON.parse(text) as Record<string, FrozenMessage[]>;
}
