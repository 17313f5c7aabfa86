/**
 * Freezes the wire format of a release, from the contract that a commit calls released:
 *
 *     node --import tsx test/wire/freeze.ts 08fc40e
 *
 * Writes the descriptors without comments, a request of each call, and each message with every field
 * set: bytes, and what they mean. To be run for a further release, never again for this one.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  fromBinary,
  fromJson,
  toBinary,
  toJson,
  type DescMessage,
  type JsonValue,
  type Message,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { format } from 'prettier';
import { RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import { validLicence } from '../support/builders.js';
import { samplesOf } from '../support/request-samples.js';
import { SERVICES } from '../support/doors.js';
import { contractIn, FROZEN, messagesOf, servicesOf, type FrozenMessage } from './old-contract.js';
import { variants } from './filled.js';

const [commit = ''] = process.argv.slice(2);
const released = execFileSync('git', ['show', `${commit}:proto/released.binpb`]);
const image = fromBinary(FileDescriptorSetSchema, released);
for (const file of image.file) delete file.sourceCodeInfo;
const descriptors = toBinary(FileDescriptorSetSchema, image);
const contract = contractIn(descriptors);

function freeze(desc: DescMessage, message: Message): FrozenMessage {
  return {
    bytes: Buffer.from(toBinary(desc, message)).toString('base64'),
    meaning: toJson(desc, message, { registry: contract }),
  };
}

/** Requests of today with what the release knew of them. */
function requestsOf(service: string, method: string): JsonValue[] {
  const desc = SERVICES.find(({ typeName }) => typeName === service)?.method[localName(method)];
  if (!desc) throw new Error(`${service}/${method} is not there any more`);
  if (method === 'PullMessages') return [{ node: '100000', maxInFlight: 5 }];
  if (method === 'StreamRecords')
    return [{ records: [toJson(RecordSchema, validLicence({}, { number: 74 }))] }];
  const samples = samplesOf(desc);
  return samples.map((sample) => toJson(desc.input, sample));
}

function localName(method: string): string {
  return `${method[0]?.toLowerCase() ?? ''}${method.slice(1)}`;
}

async function write(name: string, value: unknown): Promise<void> {
  const text = await format(JSON.stringify(value), { parser: 'json', printWidth: 100 });
  writeFileSync(join(FROZEN, name), text);
}

const calls = servicesOf(contract).flatMap((service) =>
  service.methods.map((method): [string, FrozenMessage[]] => [
    `${service.typeName}/${method.name}`,
    requestsOf(service.typeName, method.name).map((json) =>
      freeze(method.input, fromJson(method.input, json, { ignoreUnknownFields: true })),
    ),
  ]),
);
const messages = messagesOf(contract).map((desc): [string, FrozenMessage[]] => [
  desc.typeName,
  variants(desc).map((message) => freeze(desc, message)),
]);
mkdirSync(FROZEN, { recursive: true });
writeFileSync(join(FROZEN, 'descriptors.binpb'), descriptors);
await write('calls.json', Object.fromEntries(calls));
await write('messages.json', Object.fromEntries(messages));
