import { createHash } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import type { Knex } from 'knex';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { RecordSchema, type Counterpart, type Record } from '#gen/zhengzhao/v1/record_pb.js';
import {
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { creditCodeOf } from './load/registrations.js';
import type { Hub } from './stage/hub.js';
import { civilDateIn } from '../server/domain/identifiers/civil-date.js';
import { laneOf } from '../server/domain/lane.js';
import { normaliseName } from '../server/domain/identifiers/text.js';
import {
  testCounterpart,
  validInspection,
  validLicence,
  validPenalty,
  validRegistration,
} from '../test/support/builders.js';

/** Messages of one enterprise: its registration, and records in turn. */
const PER_ENTERPRISE = 50;
const PER_STATEMENT = 2_000;

/** Of the first enterprise, so that none is ever one that a load registers as well. */
const FIRST_ENTERPRISE = 500_000_000;

function partyOf(enterprise: number): Counterpart {
  return testCounterpart(enterprise, { uscc: creditCodeOf(FIRST_ENTERPRISE + enterprise) });
}

/** A message as both nodes hold it, in the form in which a statement takes it. */
interface Row {
  readonly seq: number;
  readonly id: string;
  readonly kind: MessageKind;
  readonly digest: string;
  readonly payload: string;
  readonly owner: string;
  readonly key: string;
  readonly uscc: string;
  readonly org: string;
  readonly at: string;
  readonly lane: number;
}

const COLUMNS = `seq bigint, id text, kind int, digest text, payload text, owner text, key text,
  uscc text, org text, at timestamptz, lane int`;

/** The message of a number, counted from 0: valid, and accepted on one of the days in turn. */
function message(index: number): RegistrationEvent | Record {
  const number = Math.floor(index / PER_ENTERPRISE) + 1;
  const part = index % PER_ENTERPRISE;
  const counterpart = partyOf(number);
  const { uscc } = counterpart;
  if (part === 0) return validRegistration({ uscc, catalogVersion: '2019.12-prov' }, { number });
  const own = { number: index };
  if (part % 3 === 0) return validPenalty({ counterpart, publicityTo: '' }, own);
  return part % 3 === 1
    ? validLicence({ counterpart }, own)
    : validInspection({ counterpart }, own);
}

const KINDS = {
  licence: MessageKind.LICENCE,
  filing: MessageKind.FILING,
  inspection: MessageKind.INSPECTION,
  penalty: MessageKind.PENALTY,
} as const;

function rowOf(index: number, days: readonly string[]): Row {
  const one = message(index);
  const registration = one.$typeName === 'zhengzhao.v1.RegistrationEvent';
  const bytes = registration ? toBinary(RegistrationEventSchema, one) : toBinary(RecordSchema, one);
  const envelope = one.envelope;
  if (!envelope || (!registration && !one.body.case)) throw new Error('A message without content.');
  const { uscc } = partyOf(Math.floor(index / PER_ENTERPRISE) + 1);
  return {
    seq: index + 1,
    id: envelope.messageId,
    kind: registration || !one.body.case ? MessageKind.REGISTRATION : KINDS[one.body.case],
    digest: createHash('sha256').update(bytes).digest('hex'),
    payload: Buffer.from(bytes).toString('base64'),
    owner: registration ? envelope.sourceNode : envelope.sourceOrg,
    key: envelope.businessKey,
    uscc,
    org: envelope.sourceOrg,
    at: `${days[index % days.length] ?? ''}T10:00:00+08:00`,
    lane: laneOf(uscc),
  };
}

const INSERT_MESSAGES = `
  insert into messages (seq, source_node, message_id, kind, record_kind, digest, payload, owner_org,
         business_key, record_version, entity, source_org, origin, effect, accepted_at, txid)
  select seq, '330000', id, kind, case when kind = 1 then 0 else kind end, decode(digest, 'hex'),
         decode(payload, 'base64'), owner, key, 1, uscc, org, 'client', 1, at, feed_number()
    from jsonb_to_recordset(cast(? as jsonb)) as x(${COLUMNS})`;

const INSERT_RECORDS = `
  insert into records (kind, owner_org, business_key, record_version, message_seq, source_node,
         message_id, origin, entity, uscc, counterpart, naming, naming_reason, naming_method,
         named_by, named_at, non_public, content_marked, publicity_revision, change_version,
         authority_org, state, permit_item_code, licence_no, shown_until, published_at, updated_at)
  select m.record_kind, m.owner_org, m.business_key, 1, m.seq, m.source_node, m.message_id, m.origin,
         m.entity, m.entity, '{"uscc": "", "regNo": "", "regOrg": "", "entName": ""}', 2, 0,
         'uscc+name', '330000', m.accepted_at, false, false, 0, 0, '', 1, '', '', '', m.accepted_at,
         m.accepted_at
    from messages m where m.record_kind <> 0`;

const INSERT_ENTERPRISES = `
  insert into enterprises (uscc, pripid, reg_no, ent_name, match_names, former_names, name_grams,
         reg_state, reg_org, reg_org_name, home_node, business_key, record_version, effective_date,
         cancelled, ftz, permit_items, told, message_seq, updated_at)
  select entity, 'P' || m.seq, '', n.name, array[n.normal], '{}', '{}', '1', '330902',
         '舟山市定海区市场监督管理局', '330000', business_key, 1, '2019-12-16', false, true, '{}', '{}',
         m.seq, accepted_at
    from messages m join unnest(?::text[], ?::text[], ?::text[]) as n(uscc, name, normal)
      on n.uscc = m.entity
   where m.kind = 1`;

const DAY_MS = 86_400_000;

/** Fills both nodes of a pair with as many messages of so many days before today. */
export async function fillPair(
  pair: {
    readonly province: Pick<Hub, 'knex' | 'schema'>;
    readonly national: Pick<Hub, 'knex'>;
  },
  rows: number,
  days: number,
): Promise<void> {
  const dates = Array.from({ length: days }, (_, day) =>
    civilDateIn(Date.now() - (day + 1) * DAY_MS),
  );
  await fillProvince(pair.province.knex, rows, dates);
  await fillNational(pair.national.knex, pair.province.schema, rows);
}

/** Fills a province with as many messages, all acknowledged by the national node. */
export async function fillProvince(knex: Knex, rows: number, days: readonly string[]) {
  for (let from = 0; from < rows; from += PER_STATEMENT) {
    const length = Math.min(PER_STATEMENT, rows - from);
    const part = Array.from({ length }, (_, index) => rowOf(from + index, days));
    await knex.raw(INSERT_MESSAGES, [JSON.stringify(part)]);
  }
  await knex.raw("select setval(pg_get_serial_sequence('messages', 'seq'), ?)", [rows]);
  await fillState(knex, rows);
  await knex.raw(
    `insert into deliveries (message_seq, destination, entity, lane, action, kind, rule, revision,
            state, attempts, far_effect, far_naming, created_at, settled_at)
     select seq, '100000', entity, 0, 1, kind, case when kind = 1 then 'UP-REGISTRATION'
            else 'UP-NAMED' end, 0, 2, 1, 1, 2, accepted_at, accepted_at from messages order by seq`,
  );
}

/** Fills the national node with the same, as the province brought it. */
async function fillNational(knex: Knex, provincialSchema: string, rows: number) {
  await knex.raw(
    `insert into messages (seq, source_node, message_id, kind, record_kind, digest, payload,
            owner_org, business_key, record_version, entity, source_org, origin, hops, effect,
            accepted_at, txid)
     select seq, source_node, message_id, kind, record_kind, digest, payload, owner_org,
            business_key, record_version, entity, source_org, '330000',
            jsonb_build_array(jsonb_build_object('node', '330000', 'at', accepted_at)), effect,
            accepted_at + interval '2 seconds', feed_number()
       from ??.messages order by seq`,
    [provincialSchema],
  );
  await knex.raw("select setval(pg_get_serial_sequence('messages', 'seq'), ?)", [rows]);
  await fillState(knex, rows);
}

async function fillState(knex: Knex, rows: number): Promise<void> {
  const count = Math.ceil(rows / PER_ENTERPRISE);
  const parties = Array.from({ length: count }, (_, index) => partyOf(index + 1));
  await knex.raw(INSERT_RECORDS);
  await knex.raw(INSERT_ENTERPRISES, [
    parties.map((party) => party.uscc),
    parties.map((party) => party.entName),
    parties.map((party) => normaliseName(party.entName)),
  ]);
  await knex.raw('analyze');
}
