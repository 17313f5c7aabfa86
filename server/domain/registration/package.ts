import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import {
  PackageContentSchema,
  PackageItemSchema,
  type PackageItem,
} from '#gen/zhengzhao/v1/package_pb.js';
import { FilingSchema, type Filing } from '#gen/zhengzhao/v1/record_pb.js';
import {
  PermitItemRefSchema,
  type PermitItemRef,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { Bilingual } from '../errors.js';
import { normaliseUscc } from '../identifiers/uscc.js';
import { asKnown } from '../unknown-fields.js';
import { endsEnterprise, type ReachedDepartment, type ToldItem } from './departments.js';
import { minimised } from './minimised.js';

/** What the department, or the enterprise with it, has to do next; by reform mode. */
const nextSteps: Readonly<Record<ReformMode, Bilingual>> = {
  [ReformMode.UNSPECIFIED]: {
    zh: '请按现行规定办理。',
    en: 'Proceed under the rules in force.',
  },
  [ReformMode.CANCELLED]: {
    zh: '审批已取消,企业可直接经营;请将其纳入事中事后监管。',
    en: 'No approval is needed any more; include the enterprise in your supervision.',
  },
  [ReformMode.FILING]: {
    zh: '备案信息已随登记推送,不再另行收取材料。',
    en: 'The filing came with the registration; collect nothing more.',
  },
  [ReformMode.COMMITMENT]: {
    zh: '企业将自行前来办理告知承诺;请将许可信息推送至市场监管部门。',
    en: 'The enterprise will come to make its commitment; report the licence afterwards.',
  },
  [ReformMode.OPTIMISED]: {
    zh: '企业将前来申请许可;请将许可信息推送至市场监管部门。',
    en: 'The enterprise will apply for the licence; report the licence afterwards.',
  },
};

const removedStep: Bilingual = {
  zh: '企业登记发生变化,已不涉及该事项,请核对其许可状态。',
  en: 'After this event the enterprise no longer has the item; check its licence.',
};

const endedStep: Bilingual = {
  zh: '企业已注销(或被吊销、撤销),请核对并处理其许可或备案。',
  en: 'The enterprise is cancelled (or revoked, or annulled); check and deal with its licence or filing.',
};

/** Who and when of a package; ids and time are given, so that building it is pure. */
export interface PackageStamp {
  readonly packageId: string;
  readonly node: string;
  readonly createdAtMs: number;
}

/** The event as one department may see it: its own items and entries only (R26, VR29). */
function eventFor(event: RegistrationEvent, items: readonly ToldItem[]): RegistrationEvent {
  const own = items.filter((item) => !item.removed).map((item) => item.ref);
  const codes = new Set(own.flatMap((ref) => ref.scopeEntryCodes));
  return {
    ...minimised(event),
    permitItems: own.map((ref) => asKnown(PermitItemRefSchema, ref)),
    scopeEntryCodes: event.scopeEntryCodes.filter((code) => codes.has(code)),
    licenseSeparationFlag: own.length > 0,
  };
}

function packageItem({ ref, reformMode, removed, row }: ToldItem, ended: boolean): PackageItem {
  const present = removed ? removedStep : nextSteps[reformMode];
  const next = ended ? endedStep : present;
  return create(PackageItemSchema, {
    permitItem: asKnown(PermitItemRefSchema, ref),
    reformMode,
    removed,
    rule: row.id,
    clause: row.clause,
    nextStepZh: next.zh,
    nextStepEn: next.en,
  });
}

/**
 * The filing that an item of mode 2 implies: derived, nothing collected (R11, R44). Its number says what
 * it is of, so that a correction brings the same one again; with the longest codes it has 60 characters.
 */
function derivedFiling(event: RegistrationEvent, ref: PermitItemRef, filedOn: string): Filing {
  const uscc = normaliseUscc(event.uscc);
  return create(FilingSchema, {
    filingId: `${uscc}-${filedOn.replaceAll('-', '')}-${ref.permitItemCode}`,
    uscc,
    permitItemCode: ref.permitItemCode,
    registrationEventId: event.envelope?.messageId ?? '',
    filingDate: filedOn,
    filingAuthorityCode: ref.receivingDeptCode,
    filingAuthorityName: ref.receivingDeptName,
    derived: true,
  });
}

/**
 * Bytes of one department's package: the event reduced to what concerns it, why it is told, and
 * the filings that the event brings it. Exactly one department, never another's item (R26).
 */
export function buildPackage(
  event: RegistrationEvent,
  department: ReachedDepartment,
  stamp: PackageStamp,
): Uint8Array {
  const ended = endsEnterprise(event);
  return toBinary(
    PackageContentSchema,
    create(PackageContentSchema, {
      packageId: stamp.packageId,
      sourceNode: stamp.node,
      receivingDeptCode: department.code,
      receivingDeptName: department.name,
      schemaVersion: event.envelope?.schemaVersion ?? '',
      createdAt: timestampFromMs(stamp.createdAtMs),
      registrations: [eventFor(event, department.items)],
      items: department.items.map((item) => packageItem(item, ended)),
      filings: department.items.flatMap(({ ref, filedOn }) =>
        filedOn === undefined ? [] : [derivedFiling(event, ref, filedOn)],
      ),
    }),
  );
}
