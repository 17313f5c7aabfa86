import { create } from '@bufbuild/protobuf';
import {
  DestinationKind,
  ReformMode,
  RouteOutcome,
  Severity,
  type Destination,
} from '#gen/zhengzhao/v1/common_pb.js';
import { RecordSchema, type Record as EnterpriseRecord } from '#gen/zhengzhao/v1/record_pb.js';
import { demand, NotApplicable, type Check } from '../check.js';
import { licence, madeUpUscc, MARK, type Authority } from '../specimens.js';
import type { Subject } from '../subject.js';

/** The licence that the department of an item of mode 4 would report. */
export async function ownLicence(subject: Subject, suffix: string): Promise<EnterpriseRecord> {
  const { item } = await subject.scopeOf(ReformMode.OPTIMISED);
  return licence(item, await authorityOf(subject), subject, suffix);
}

/** Who is told of the item, and decides on it. */
export async function authorityOf(subject: Subject): Promise<Authority> {
  const { item, scope } = await subject.scopeOf(ReformMode.OPTIMISED);
  const implied = scope.items.find((one) => one.permitItemCode === item.permitItemCode);
  const one = implied?.receivingDepartments[0];
  if (!one) throw new NotApplicable({ zh: '事项没有接收部门。', en: 'Nobody decides on it.' });
  return { code: one.orgCode, name: one.orgName };
}

/** Marks a licence as not public, as its authority may. */
export function withheld(record: EnterpriseRecord): EnterpriseRecord {
  record.nonPublic = true;
  record.nonPublicBasis = MARK;
  return record;
}

const national = ({ kind }: Destination): boolean => kind === DestinationKind.NATIONAL;

const shown = ({ kind, outcome, clause }: Destination): object => ({
  kind: DestinationKind[kind],
  outcome: RouteOutcome[outcome],
  clause,
});

/** 许可等记录: what is found in them and where they go, by dry runs. Nothing is written. */
export const recordChecks: readonly Check[] = [
  {
    requirement: 'R13',
    demand: {
      zh: '受理许可部门报送的许可信息',
      en: 'a licence of its authority is acceptable',
    },
    run: async ({ exchange }, subject) => {
      const record = await ownLicence(subject, 'R13');
      const { acceptable, findings } = await exchange.checkRecord({ record });
      const errors = findings.filter(({ severity }) => severity === Severity.ERROR);
      const seen = errors.map(({ rule, field, messageEn }) => ({ rule, field, messageEn }));
      const expected = { zh: '可受理', en: 'acceptable' };
      demand(acceptable, expected, { acceptable, errors: seen });
    },
  },
  {
    requirement: 'R44',
    demand: {
      zh: '备案只对审批改为备案的事项',
      en: 'a filing is taken only for an item that became a filing',
    },
    run: async ({ exchange }, subject) => {
      const { item } = await subject.scopeOf(ReformMode.OPTIMISED);
      const authority = await authorityOf(subject);
      const { envelope } = await ownLicence(subject, 'R44');
      const body = {
        case: 'filing',
        value: {
          filingId: envelope?.businessKey ?? '',
          uscc: madeUpUscc(await subject.place(), subject),
          permitItemCode: item.permitItemCode,
          registrationEventId: envelope?.messageId ?? '',
          filingAuthorityCode: authority.code,
          filingAuthorityName: authority.name,
        },
      } as const;
      const record = create(RecordSchema, { ...(envelope ? { envelope } : {}), body });
      const { acceptable, findings } = await exchange.checkRecord({ record });
      const expected = { zh: '不可受理,指出 permit_item_code', en: 'an error of permit_item_code' };
      const errors = findings.filter(({ severity }) => severity === Severity.ERROR);
      const seen = errors.map(({ rule, field }) => ({ rule, field }));
      const told = errors.some(({ field }) => field.includes('permit_item_code'));
      demand(!acceptable && told, expected, { acceptable, errors: seen });
    },
  },
  {
    requirement: 'R52',
    demand: {
      zh: '本省没有的企业,其公开信息经总局转送',
      en: 'a public record of an enterprise unknown here goes by way of the national node',
    },
    run: async ({ exchange }, subject) => {
      const record = await ownLicence(subject, 'R52');
      const counterpart =
        record.body.case === 'licence' ? record.body.value.counterpart : undefined;
      if (counterpart) counterpart.regOrg = '';
      const { destinations } = await exchange.checkRecord({ record });
      const sent = destinations.some(
        (one) => national(one) && one.outcome !== RouteOutcome.HELD_BACK,
      );
      const expected = { zh: '发往总局,或记名后发往', en: 'it goes to the national node, or will' };
      demand(sent, expected, destinations.map(shown));
    },
  },
  {
    requirement: 'R55',
    demand: {
      zh: '标记不公示的许可不上报总局',
      en: 'a licence marked as not public does not go up',
    },
    run: async ({ exchange }, subject) => {
      const record = withheld(await ownLicence(subject, 'R55'));
      const { acceptable, destinations } = await exchange.checkRecord({ record });
      const up = destinations.filter(national);
      const expected = { zh: '受理,并拦下上报', en: 'acceptable, and held back' };
      const held = up.length > 0 && up.every(({ outcome }) => outcome === RouteOutcome.HELD_BACK);
      demand(acceptable && held, expected, { acceptable, destinations: destinations.map(shown) });
    },
  },
];
