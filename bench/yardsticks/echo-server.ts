/**
 * A bare grpc-js server in a process of its own: it decodes a submission with the same codec as the
 * hub, answers a receipt of the same form, and does nothing else. No rule, no database, no guard.
 * Started by the benchmark; writes its port.
 */
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type MessageInitShape,
} from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Server, ServerCredentials, type handleUnaryCall } from '@grpc/grpc-js';
import { Effect, SignatureAlgorithm, type ReceiptSchema } from '#gen/zhengzhao/v1/common_pb.js';
import {
  BatchSubmitRegistrationsRequestSchema,
  BatchSubmitRegistrationsResponseSchema,
  SubmitRegistrationRequestSchema,
  SubmitRegistrationResponseSchema,
  type BatchSubmitRegistrationsRequest,
  type SubmitRegistrationRequest,
} from '#gen/zhengzhao/v1/registration_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';

/** As long as the proof of a receipt that is signed together with some more. */
const PROOF = {
  keyId: 'ed25519-0123456789abcdef',
  algorithm: SignatureAlgorithm.ED25519,
  leafCount: 32,
  path: Array.from({ length: 5 }, () => new Uint8Array(32)),
  signature: new Uint8Array(64),
};

function receiptFor({ envelope }: RegistrationEvent): MessageInitShape<typeof ReceiptSchema> {
  return {
    receiptNo: '330000-1000000',
    messageId: envelope?.messageId ?? '',
    sourceNode: envelope?.sourceNode ?? '',
    node: '330000',
    digest: '0'.repeat(64),
    acceptedAt: timestampFromMs(Date.now()),
    effect: Effect.APPLIED,
    proof: PROOF,
  };
}

const unary: handleUnaryCall<SubmitRegistrationRequest, Buffer> = ({ request }, answer) => {
  const receipt = request.registration && receiptFor(request.registration);
  answer(null, encode(SubmitRegistrationResponseSchema, { ...(receipt && { receipt }) }));
};

const batch: handleUnaryCall<BatchSubmitRegistrationsRequest, Buffer> = ({ request }, answer) => {
  const results = request.registrations.map((one) => ({
    messageId: one.envelope?.messageId ?? '',
    outcome: { case: 'receipt' as const, value: receiptFor(one) },
  }));
  answer(null, encode(BatchSubmitRegistrationsResponseSchema, { results }));
};

function encode<D extends DescMessage>(desc: D, init: MessageInitShape<D>): Buffer {
  const bytes = toBinary(desc, create(desc, init));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const pass = (bytes: Buffer): Buffer => bytes;
const PATH = '/zhengzhao.v1.Registration';
const server = new Server({
  'grpc.max_receive_message_length': 16 * 1024 * 1024,
  'grpc-node.flow_control_window': 1024 * 1024,
  'grpc.enable_channelz': 0,
});
server.register(
  `${PATH}/SubmitRegistration`,
  unary,
  pass,
  (bytes: Buffer) => fromBinary(SubmitRegistrationRequestSchema, bytes),
  'unary',
);
server.register(
  `${PATH}/BatchSubmitRegistrations`,
  batch,
  pass,
  (bytes: Buffer) => fromBinary(BatchSubmitRegistrationsRequestSchema, bytes),
  'unary',
);
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`port ${port}\n`);
});
process.on('SIGTERM', () => {
  server.forceShutdown();
});
