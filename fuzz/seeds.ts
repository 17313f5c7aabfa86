import { createHash } from 'node:crypto';
import { create, toBinary, type DescMethod, type Message } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { MessageKind, NamingState } from '#gen/zhengzhao/v1/common_pb.js';
import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import { RecordSchema, type Record as EnterpriseRecord } from '#gen/zhengzhao/v1/record_pb.js';
import {
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import {
  BUILDER_NOW_MS,
  testMessageId,
  testUscc,
  validCancellation,
  validChange,
  validFiling,
  validInspection,
  validLicence,
  validPenalty,
  validPublicityChange,
  validRegistration,
} from '../test/support/builders.js';
import { samplesOf } from '../test/support/request-samples.js';
import type { Random } from './random.js';
import type { Level } from './target.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };
/** Enterprises beyond this number are the first ones again: mostly repeated and stale messages. */
const ENTERPRISES = 20_000;

type Fields = Record<string, unknown>;

/** What makes the messages of one input its own. */
interface Own {
  readonly input: number;
  readonly random: Random;
  readonly level: Level;
}

/** A valid request of an RPC. Messages it submits have ids of their own for every input. */
export function seedOf(method: DescMethod, own: Own): Message {
  const fields = WRITES[method.name]?.(own);
  if (fields) return create(method.input, fields);
  return own.random.pick(samplesOf(method));
}

const WRITES: Readonly<Record<string, (own: Own) => Fields>> = {
  CheckRegistration: (own) => ({ registration: registration(own) }),
  SubmitRegistration: (own) => ({ registration: registration(own) }),
  BatchSubmitRegistrations: (own) => ({ registrations: several(own, registration) }),
  CheckRecord: (own) => ({ record: record(own) }),
  SubmitRecord: (own) => ({ record: record(own) }),
  BatchSubmitRecords: (own) => ({ records: several(own, record) }),
  StreamRecords: (own) => ({ records: several(own, record) }),
  SetRecordPublicity: (own) => ({
    change: validPublicityChange(
      { nonPublic: own.random.oneIn(2) },
      { number: numberOf(own), envelope: { messageId: testMessageId(108, own.input) } },
    ),
  }),
  Deliver: deliverRequest,
  PullMessages: ({ level }) => ({ node: level === 'national' ? '440000' : '100000' }),
};

const numberOf = ({ input }: Own): number => 1 + (input % ENTERPRISES);

function several<T>(own: Own, make: (own: Own) => T): T[] {
  const count = own.random.pick([1, 2, 3]);
  // Far from the inputs of a run, so that no id is made twice.
  return Array.from({ length: count }, (_, index) =>
    make({ ...own, input: own.input + index * 100_000_000 }),
  );
}

function registration(own: Own): RegistrationEvent {
  const make = own.random.pick([
    validRegistration,
    validRegistration,
    validChange,
    validCancellation,
  ]);
  // Changes and cancellations are of enterprises that an early input may have established.
  const number = make === validRegistration ? numberOf(own) : 1 + own.random.int(50);
  return make(CATALOGUE, { number, envelope: { messageId: testMessageId(101, own.input) } });
}

function record(own: Own, sourceNode = '330000'): EnterpriseRecord {
  const make = own.random.pick([validLicence, validFiling, validInspection, validPenalty]);
  const marked = own.random.oneIn(5);
  return make(
    {},
    {
      number: numberOf(own),
      envelope: { messageId: testMessageId(104, own.input), sourceNode },
      nonPublic: marked,
      nonPublicBasis: marked ? '涉及商业秘密' : '',
    },
  );
}

/** What the neighbour on the other side of the link would hand over. */
function deliverRequest(own: Own): Fields {
  const [fromNode, toNode] = own.level === 'national' ? ['330000', '100000'] : ['100000', '330000'];
  const isEvent = own.level === 'national' && own.random.oneIn(2);
  const message = isEvent ? registration(own) : record(own, fromNode);
  const payload = isEvent
    ? toBinary(RegistrationEventSchema, message as RegistrationEvent)
    : toBinary(RecordSchema, message as EnterpriseRecord);
  const at = timestampFromMs(BUILDER_NOW_MS);
  const named = { state: NamingState.NAMED, uscc: testUscc(numberOf(own)), node: '330000' };
  const delivery = {
    messageId: message.envelope?.messageId ?? '',
    sourceNode: message.envelope?.sourceNode ?? '',
    kind: isEvent ? MessageKind.REGISTRATION : kindOf(message as EnterpriseRecord),
    action: DeliveryAction.CARRY,
    payload,
    digest: createHash('sha256').update(payload).digest(),
    hops: [{ node: fromNode, acceptedAt: at }],
    orderKey: String(numberOf(own)),
    ...(isEvent ? {} : { attribution: { ...named, method: 'uscc+name', attributedAt: at } }),
  };
  return { fromNode, toNode, deliveries: [delivery] };
}

const KINDS: Readonly<Record<string, MessageKind>> = {
  licence: MessageKind.LICENCE,
  filing: MessageKind.FILING,
  inspection: MessageKind.INSPECTION,
  penalty: MessageKind.PENALTY,
};

function kindOf({ body }: EnterpriseRecord): MessageKind {
  return KINDS[body.case ?? ''] ?? MessageKind.UNSPECIFIED;
}
