import { randomUUID } from 'node:crypto';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampNow } from '@bufbuild/protobuf/wkt';
import { EnvelopeSchema, Operation, type Envelope } from '#gen/zhengzhao/v1/common_pb.js';
import {
  EventType,
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { normaliseName } from '../server/domain/identifiers/text.js';
import { loadReference, type Reference } from '../server/reference/load-reference.js';
import type { Network } from './nodes.js';
import type { Subject } from './plan.js';
import { placeRow, readSampleRows, type PlacedRow } from './sample-rows.js';
import { codesOf, readEntries, resolve, type CodedScope, type EntryCodes } from './scopes.js';

/** First day of the pilot and of the catalogue: older enterprises are loaded as of this day. */
const PILOT_BEGIN = '2019-12-01';
/** The sample names no persons, so nobody is named. */
const NOBODY = '演示占位（非真实姓名）';
/** Wordings of the sample that the type table does not have, with the nearest type of it. */
const NEAREST_TYPES: Readonly<Record<string, string>> = {
  '有限责任公司(法人独资)': '1150',
  '股份有限公司(台港澳与境内合资、未上市)': '6210',
  '股份有限公司(台港澳与境内合资、上市)': '6220',
  分公司: '2190',
};
const CURRENCIES: Readonly<Record<string, string>> = { 美元: '840', 港元: '344' };

/** The enterprises of the sample that the demo registers, and how many rows it had to leave out. */
export interface Enterprises {
  readonly subjects: readonly Subject[];
  readonly rows: number;
  /** In another province, or the address does not tell. */
  readonly elsewhere: number;
  /** Without an industry, which no registration can be. */
  readonly withoutIndustry: number;
}

/**
 * Turns the sample into establishments. Name, code, type, capital, industry, address and scope are
 * the sample's; the approval date of enterprises older than the pilot and every person are not.
 */
export async function readEnterprises(network: Network): Promise<Enterprises> {
  const reference = loadReference();
  const rows = readSampleRows();
  const placed = rows
    .map((row) => placeRow(row, reference.regions))
    .filter((row) => row !== undefined);
  const usable = placed.filter(({ row }) => row.industry !== '');
  const entries = {
    [network.zhejiang.code]: await readEntries(network.zhejiang),
    [network.guangdong.code]: await readEntries(network.guangdong),
  };
  const subjects: Subject[] = [];
  for (const row of usable)
    subjects.push(await subjectOf(row, entries[row.province] ?? new Map(), network, reference));
  return {
    subjects,
    rows: rows.length,
    elsewhere: rows.length - placed.length,
    withoutIndustry: placed.length - usable.length,
  };
}

async function subjectOf(
  placed: PlacedRow,
  entries: EntryCodes,
  network: Network,
  reference: Reference,
): Promise<Subject> {
  const { row, province, region } = placed;
  const apprDate = approvalDate(row.established);
  const codes = codesOf(row.business_scope, entries);
  const scope = codes && (await resolve(network.of(province), region.code, codes, apprDate));
  return {
    uscc: row.uscc,
    name: row.name,
    province,
    status: row.status,
    event: establishment(placed, apprDate, scope, reference),
    items: scope?.items ?? [],
  };
}

function approvalDate(established: string): string {
  return established < PILOT_BEGIN ? PILOT_BEGIN : established;
}

/** An envelope of a registration; `businessKey` is the number of the procedure. */
export function registrationEnvelope(sourceNode: string, businessKey: string): Envelope {
  return create(EnvelopeSchema, {
    messageId: randomUUID(),
    schemaVersion: '1.0',
    businessKey,
    recordVersion: 1n,
    operation: Operation.INSERT,
    sourceNode,
    sourceOrg: `DEMO-REG-${sourceNode}`,
    sourceTime: timestampNow(),
  });
}

function establishment(
  { row, province, region }: PlacedRow,
  apprDate: string,
  scope: CodedScope | undefined,
  reference: Reference,
): RegistrationEvent {
  const industry = industryOf(row.industry, reference);
  return create(RegistrationEventSchema, {
    envelope: registrationEnvelope(province, `SL-${row.uscc}`),
    eventType: EventType.ESTABLISH,
    pripid: `${province}-${row.uscc}`,
    uscc: row.uscc,
    entName: row.name,
    entType: typeOf(row.type, reference),
    lerep: NOBODY,
    ...capitalOf(row.reg_capital, row.currency, row.type),
    estDate: row.established,
    apprDate,
    opFrom: row.established,
    opLongTerm: true,
    regOrg: region.code,
    regOrgName: row.registration_authority || `${region.name}市场监督管理局`,
    dom: row.address,
    domDistrict: region.code,
    industryPhy: industry.section,
    industryCo: industry.code,
    opScope: row.business_scope,
    ...scope?.fields,
    regState: '1',
  });
}

function typeOf(wording: string, reference: Reference): string {
  const name = normaliseName(wording);
  const codes = [...reference.enterpriseTypes.values()]
    .filter((type) => normaliseName(type.name) === name)
    .map(({ code }) => code)
    .sort();
  const nearest = Object.entries(NEAREST_TYPES).find(([known]) => normaliseName(known) === name);
  const code = nearest?.[1] ?? codes[0];
  if (!code) throw new Error(`No enterprise type is called ${wording}.`);
  return code;
}

function industryOf(name: string, reference: Reference): { code: string; section: string } {
  const industry = [...reference.industries.values()].find(
    (one) => one.name === name && /^\d{2,4}$/.test(one.code),
  );
  if (!industry) throw new Error(`No industry is called ${name}.`);
  return industry;
}

/** `100万`, `8223.57万人民币` → 分. Branches have no capital. */
function capitalOf(
  text: string,
  currency: string,
  type: string,
): Pick<MessageInitShape<typeof RegistrationEventSchema>, 'regCapFen' | 'regCapCur'> {
  const [, whole = '', fraction = ''] = /^(\d+)(?:\.(\d{1,6}))?万/.exec(text) ?? [];
  if (whole === '' || /分公司|分支机构/.test(type)) return {};
  return {
    regCapFen: BigInt(whole + fraction.padEnd(6, '0')),
    regCapCur: CURRENCIES[currency] ?? '156',
  };
}
