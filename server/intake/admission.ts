import { createHash } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import { MessageKind, type Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
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
import type { Principal } from '../domain/access/principal.js';
import { barrierTo, speaksFor } from '../domain/access/reporting.js';
import type { Arrival } from '../domain/decision/decision.js';
import { HubError } from '../domain/errors.js';
import { errorFinding, hasError } from '../domain/finding.js';
import { kindOfRecord, readHead, type Message, type MessageHead } from '../domain/message.js';
import {
  validatePublicityChange,
  validateRecord,
  validateRegistration,
  type ValidationContext,
} from '../domain/validation/validator.js';
import type { Submission } from './submission.js';

/** How what a client reports arrives. */
export const FROM_CLIENT: Arrival = {
  side: 'client',
  origin: 'client',
  attribution: undefined,
  revision: 0,
};

/** What a message is before it is accepted: its head, what was found, and how to submit it. */
export interface Admission {
  readonly head: MessageHead;
  readonly message: Message | undefined;
  readonly findings: readonly Finding[];
  readonly arrival: Arrival;
  /** Why the caller may not report it, whatever it says; undefined: it may. */
  readonly barrier?: HubError | undefined;
  /** Throws VALIDATION_FAILED, or NOT_THE_AUTHORITY, when a finding is an error. */
  submission(call: symbol): Submission;
}

/**
 * Bytes of one message, far below what a call may have: with its envelope and its hops it must still be
 * deliverable, or it would be tried again for ever.
 */
export const MESSAGE_BYTES = 4 * 1024 * 1024;

function tooLarge(): Finding {
  return errorFinding('VR10', '', 'TOO_LONG', {
    zh: '消息超过 4 MiB,未保存任何内容。',
    en: 'The message has more than 4 MiB; nothing was stored.',
  });
}

/** What a digest is. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

function admit(
  message: Message,
  findings: readonly Finding[],
  encode: () => Uint8Array,
): Admission {
  const head = readHead(message);
  return {
    head,
    message,
    findings,
    arrival: FROM_CLIENT,
    submission: (call) => {
      if (hasError(findings)) throw validationError(findings);
      const payload = encode();
      if (payload.length > MESSAGE_BYTES) throw validationError([...findings, tooLarge()]);
      const digest = sha256(payload);
      return {
        head,
        message,
        withdrawn: undefined,
        payload,
        redacted: false,
        digest,
        arrival: FROM_CLIENT,
        hops: [],
        warnings: findings,
        orderKey: head.entity,
        call,
      };
    },
  };
}

/** VALIDATION_FAILED with everything that was found; NOT_THE_AUTHORITY when only the sender is wrong (VR23). */
export function validationError(findings: readonly Finding[]): HubError {
  const errors = findings.filter((finding) => hasError([finding]));
  if (errors.every((finding) => finding.code === 'NOT_THE_AUTHORITY'))
    return new HubError(
      ErrorReason.NOT_THE_AUTHORITY,
      {
        zh: '报送单位既不是决定机关,也不是其数据来源单位。',
        en: 'The sender is neither the deciding authority nor its data unit.',
      },
      { findings },
    );
  return new HubError(
    ErrorReason.VALIDATION_FAILED,
    {
      zh: `校验未通过,共 ${errors.length} 处错误,未保存任何内容。`,
      en: `${errors.length} error(s) found; nothing was stored.`,
    },
    { findings },
  );
}

/** A registration from the province's own systems. */
export function admitRegistration(event: RegistrationEvent, context: ValidationContext): Admission {
  const message = { kind: MessageKind.REGISTRATION, registration: event } as const;
  return admit(message, validateRegistration(event, context), () =>
    toBinary(RegistrationEventSchema, event),
  );
}

/** A licence, filing, inspection or penalty from a system at the node's own level. */
export function admitRecord(record: Record, context: ValidationContext): Admission {
  const findings = validateRecord(record, context);
  const kind = kindOfRecord(record);
  // Without a body there is nothing to route; the findings say so and refuse it.
  const message = { kind: kind ?? MessageKind.LICENCE, record } as const;
  return admit(message, findings, () => toBinary(RecordSchema, record));
}

/** A change of the not-public mark from the deciding authority. */
export function admitPublicityChange(
  change: PublicityChange,
  context: ValidationContext,
): Admission {
  const message = { kind: MessageKind.PUBLICITY_CHANGE, change } as const;
  return admit(message, validatePublicityChange(change, context), () =>
    toBinary(PublicityChangeSchema, change),
  );
}

/**
 * The message as this caller may report it: one that it may not is refused before anything is said
 * of its content, and the refusal counts as the caller's, not as that of whom it named.
 */
export function heldAgainst(principal: Principal, admission: Admission): Admission {
  const { head, message } = admission;
  const regOrg = message?.kind === MessageKind.REGISTRATION ? message.registration.regOrg : '';
  const barrier = barrierTo(principal, { ...head, regOrg });
  if (!barrier) {
    const arrival = { ...admission.arrival, speaksFor: speaksFor(principal) };
    return {
      ...admission,
      arrival,
      submission: (call) => ({ ...admission.submission(call), arrival }),
    };
  }
  return {
    ...admission,
    head: { ...head, sourceOrg: principal.code },
    barrier,
    submission: () => {
      throw barrier;
    },
  };
}
