import { randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { PermitItem } from '#gen/zhengzhao/v1/catalog_pb.js';
import { EnvelopeSchema, Operation, type Envelope } from '#gen/zhengzhao/v1/common_pb.js';
import {
  CounterpartType,
  LicenceCategory,
  LicenceState,
  RecordSchema,
  type Record as EnterpriseRecord,
} from '#gen/zhengzhao/v1/record_pb.js';
import {
  EventType,
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import type {
  ImpliedPermitItem,
  ResolveScopeResponse,
} from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { civilDateIn } from '../server/domain/identifiers/civil-date.js';
import { orgCodeCheckDigit } from '../server/domain/identifiers/org-code.js';
import { usccCheckDigit } from '../server/domain/identifiers/uscc.js';
import type { Place, Subject } from './subject.js';

/** How every piece of test data is marked, in the names that people read. */
export const MARK = '符合性测试数据请勿使用';

/** Where made-up data says that it is from. */
interface Origin {
  readonly node: string;
  readonly sourceOrg: string;
  readonly nowMs: number;
}

function envelope(businessKey: string, { node, sourceOrg, nowMs }: Origin): Envelope {
  return create(EnvelopeSchema, {
    messageId: randomUUID(),
    schemaVersion: '1.0',
    businessKey,
    recordVersion: 1n,
    operation: Operation.INSERT,
    sourceNode: node,
    sourceOrg,
    sourceTime: timestampFromMs(nowMs),
  });
}

/** The credit code of the run's enterprise: correct, and of nobody. */
export function madeUpUscc({ district }: Place, { number }: Subject): string {
  const body = `MAC${number.toString().padStart(5, '0')}`;
  const first17 = `91${district}${body}${orgCodeCheckDigit(body) ?? ''}`;
  return first17 + (usccCheckDigit(first17) ?? '');
}

/** The name of the run's enterprise. */
function madeUpName({ number }: Subject): string {
  return `${MARK}${number}号有限公司`;
}

/** An establishment with the scope that the node's own catalogue resolved. */
export async function establishment(
  scope: ResolveScopeResponse,
  subject: Subject,
): Promise<RegistrationEvent> {
  const place = await subject.place();
  const nowMs = Date.now();
  const day = civilDateIn(nowMs);
  const origin = {
    node: await subject.node(),
    sourceOrg: await subject.registryOf(place.district),
    nowMs,
  };
  return create(RegistrationEventSchema, {
    envelope: envelope(`CONFORMANCE-${subject.number}`, origin),
    eventType: EventType.ESTABLISH,
    pripid: `CONFORMANCE${subject.number}`,
    uscc: madeUpUscc(place, subject),
    entName: madeUpName(subject),
    entType: '1130',
    lerep: MARK,
    regCapFen: 100n,
    regCapCur: '156',
    estDate: day,
    apprDate: day,
    opFrom: day,
    opLongTerm: true,
    regOrg: place.district,
    regOrgName: MARK,
    dom: MARK,
    domDistrict: place.district,
    industryPhy: 'H',
    industryCo: '6210',
    opScope: scope.opScope,
    scopeEntryCodes: scope.entries.map(({ scopeEntryCode }) => scopeEntryCode),
    catalogVersion: scope.catalogVersion,
    licenseSeparationFlag: scope.licenseSeparationFlag,
    ftzFlag: place.zone !== undefined,
    ftzJudgedBy: place.zone ? MARK : '',
    ftzName: place.zone?.name ?? '',
    ftzAreaName: place.zone?.area ?? '',
    permitItems: scope.licenseSeparationFlag ? scope.items.flatMap(linesOf) : [],
    regState: '1',
  });
}

/** One line for each department that is to be told of an item. */
function linesOf(item: ImpliedPermitItem) {
  return item.receivingDepartments.map(({ orgCode, orgName }) => ({
    permitItemCode: item.permitItemCode,
    permitItemName: item.permitItemName,
    receivingDeptCode: orgCode,
    receivingDeptName: orgName,
    scopeEntryCodes: item.scopeEntryCodes,
  }));
}

/** Who decides on the item for the region, as the catalogue says. */
export interface Authority {
  readonly code: string;
  readonly name: string;
}

/** A licence for the run's enterprise, in force from today. */
export async function licence(
  item: PermitItem,
  authority: Authority,
  subject: Subject,
  suffix: string,
): Promise<EnterpriseRecord> {
  const place = await subject.place();
  const nowMs = Date.now();
  const day = civilDateIn(nowMs);
  const key = `CONFORMANCE-${subject.number}-${suffix}`;
  const origin = { node: await subject.node(), sourceOrg: authority.code, nowMs };
  return create(RecordSchema, {
    envelope: envelope(key, origin),
    body: {
      case: 'licence',
      value: {
        licId: key,
        counterpart: {
          uscc: madeUpUscc(place, subject),
          entName: madeUpName(subject),
          regOrg: place.district,
        },
        counterpartType: CounterpartType.ORGANISATION,
        permitItemCode: item.permitItemCode,
        permitItemName: item.name,
        licDocName: MARK,
        licDocNo: key,
        licCategory: LicenceCategory.ORDINARY,
        licName: MARK,
        licNo: key,
        licItem: MARK,
        decisionDate: day,
        valFrom: day,
        longTerm: true,
        licAuthorityName: authority.name,
        licAuthorityCode: authority.code,
        licState: LicenceState.VALID,
      },
    },
  });
}
