import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import {
  createFileRegistry,
  fromBinary,
  type DescEnum,
  type DescEnumValue,
  type DescField,
  type DescMessage,
  type DescMethod,
  type DescService,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { getComments } from '@bufbuild/protoplugin';

/** Package of the contract. */
export const PACKAGE = 'zhengzhao.v1';
const BUF = join('node_modules', '.bin', 'buf');

/** Everything that the contract describes, in the order of its files. */
export interface Contract {
  readonly services: readonly DescService[];
  readonly messages: readonly DescMessage[];
  readonly enums: readonly DescEnum[];
}

/** Reads the contract from its files, with its comments. Throws when it does not compile. */
export function readContract(): Contract {
  const built = spawnSync(BUF, ['build', '--as-file-descriptor-set', '-o', '-'], {
    maxBuffer: 64 * 1024 * 1024,
  });
  if (built.status !== 0) throw new Error(built.stderr.toString());
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, built.stdout));
  const files = [...registry.files]
    .filter((file) => file.proto.package === PACKAGE)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    services: files.flatMap((file) => file.services),
    messages: files.flatMap((file) => file.messages).flatMap(withNested),
    enums: files.flatMap((file) => file.enums),
  };
}

function withNested(message: DescMessage): DescMessage[] {
  return [message, ...message.nestedMessages.flatMap(withNested)];
}

/** What the contract says of something, its lines joined. */
export function commentOf(
  desc: DescService | DescMethod | DescMessage | DescField | DescEnum | DescEnumValue,
): string {
  return linesOf(desc).join(' ').trim();
}

/** The same, line by line. */
export function linesOf(desc: Parameters<typeof getComments>[0]): string[] {
  const text = getComments(desc).leading ?? '';
  return text.split('\n').map((line) => line.trim());
}
