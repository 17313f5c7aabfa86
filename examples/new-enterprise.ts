import { randomInt, randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { EnvelopeSchema, Operation } from '#gen/zhengzhao/v1/common_pb.js';
import {
  EventType,
  RegistrationEventSchema,
  type PermitItemRef,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { ResolveScopeResponse } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { orgCodeCheckDigit } from '../server/domain/identifiers/org-code.js';
import { usccCheckDigit } from '../server/domain/identifiers/uscc.js';

/** Where the enterprise of the example has its domicile. */
export const DISTRICT = '330902';
export const ZONE = { name: '中国（浙江）自由贸易试验区', area: '舟山岛北部片区' } as const;

/**
 * The establishment of a made-up catering company in the free-trade zone of 浙江, as a registration
 * system would report it: scope and permit items are those that the node's catalogue implies.
 */
export function newEnterprise(scope: ResolveScopeResponse, nowMs: number): RegistrationEvent {
  const day = civilDate(nowMs);
  const number = randomInt(100_000);
  return create(RegistrationEventSchema, {
    envelope: create(EnvelopeSchema, {
      // Kept with the message: whoever gets no answer sends the same id again.
      messageId: randomUUID(),
      schemaVersion: '1.0',
      businessKey: `EXAMPLE-${number}`,
      recordVersion: 1n,
      operation: Operation.INSERT,
      sourceNode: '330000',
      sourceOrg: 'TMP-330902-90',
      sourceTime: timestampFromMs(nowMs),
    }),
    eventType: EventType.ESTABLISH,
    pripid: `3309020000${number}`,
    uscc: madeUpUscc(number),
    entName: `舟山示例${number}号餐饮管理有限公司`,
    entType: '1130',
    lerep: '示例',
    regCapFen: 500_000_00n,
    regCapCur: '156',
    estDate: day,
    apprDate: day,
    opFrom: day,
    opLongTerm: true,
    regOrg: DISTRICT,
    regOrgName: '舟山市定海区市场监督管理局',
    dom: `${ZONE.name}舟山市定海区港口路18号`,
    domDistrict: DISTRICT,
    industryPhy: 'H',
    industryCo: '6210',
    opScope: scope.opScope,
    scopeEntryCodes: scope.entries.map((entry) => entry.scopeEntryCode),
    catalogVersion: scope.catalogVersion,
    licenseSeparationFlag: scope.licenseSeparationFlag,
    ftzFlag: true,
    ftzJudgedBy: '登记窗口示例',
    ftzName: ZONE.name,
    ftzAreaName: ZONE.area,
    permitItems: permitItems(scope),
    regState: '1',
  });
}

/** One line for each permit item and each department that is to be told of it. */
function permitItems({ items }: ResolveScopeResponse): Omit<PermitItemRef, '$typeName'>[] {
  return items.flatMap((item) =>
    item.receivingDepartments.map((department) => ({
      permitItemCode: item.permitItemCode,
      permitItemName: item.permitItemName,
      receivingDeptCode: department.orgCode,
      receivingDeptName: department.orgName,
      scopeEntryCodes: item.scopeEntryCodes,
    })),
  );
}

/** A registration system has a real code; the example makes one up, with its check characters. */
function madeUpUscc(number: number): string {
  const body = `MA2${number.toString().padStart(5, '0')}`;
  const first17 = `91${DISTRICT}${body}${orgCodeCheckDigit(body) ?? ''}`;
  return first17 + (usccCheckDigit(first17) ?? '');
}

/** The day in China, as the plan's dates are written. */
function civilDate(nowMs: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(nowMs);
}
