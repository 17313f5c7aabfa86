import { createHash } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import type { Receipt } from '#gen/zhengzhao/v1/common_pb.js';
import {
  PublicityChangeSchema,
  RecordSchema,
  type PublicityChange,
  type Record,
} from '#gen/zhengzhao/v1/record_pb.js';
import {
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { CallOptions } from '../../clients/client.js';
import type { Sent } from '../oracle/history.js';
import type { NodeCode } from '../stage/places.js';
import type { HubApi } from './hub-api.js';

/** The content of a message. */
export type Content =
  | { readonly kind: 'registration'; readonly registration: RegistrationEvent }
  | { readonly kind: 'record'; readonly record: Record }
  | { readonly kind: 'change'; readonly change: PublicityChange };

/** A message that can be sent as often as it takes. */
export interface Letter {
  readonly to: NodeCode;
  readonly sent: Sent;
  readonly content: Content;
}

/** SHA-256 of the canonical encoding, made by the client itself. */
export function digestOf(content: Content): string {
  return createHash('sha256').update(encode(content)).digest('hex');
}

function encode(content: Content): Uint8Array {
  switch (content.kind) {
    case 'registration':
      return toBinary(RegistrationEventSchema, content.registration);
    case 'record':
      return toBinary(RecordSchema, content.record);
    case 'change':
      return toBinary(PublicityChangeSchema, content.change);
  }
}

/** Sends it once. Throws HubClientError. */
export async function post(content: Content, api: HubApi, options: CallOptions): Promise<Receipt> {
  const { receipt } = await submit(content, api, options);
  if (!receipt) throw new Error('A node answered without a receipt.');
  return receipt;
}

function submit(
  content: Content,
  { registration, exchange }: HubApi,
  options: CallOptions,
): Promise<{ receipt?: Receipt | undefined }> {
  switch (content.kind) {
    case 'registration':
      return registration.submitRegistration({ registration: content.registration }, options);
    case 'record':
      return exchange.submitRecord({ record: content.record }, options);
    case 'change':
      return exchange.setRecordPublicity({ change: content.change }, options);
  }
}
