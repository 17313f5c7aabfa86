import { clone } from '@bufbuild/protobuf';
import {
  DestinationKind,
  ReformMode,
  RouteOutcome,
  Severity,
  type Destination,
} from '#gen/zhengzhao/v1/common_pb.js';
import {
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { demand, type Bilingual, type Check, type Services } from '../check.js';
import { establishment } from '../specimens.js';
import type { Subject } from '../subject.js';

/**
 * What must be found in an event that was made wrong, by the fields it is found in. `zoned`: it concerns
 * enterprises of a free-trade zone only.
 */
function refuses(
  requirement: string,
  sentence: Bilingual,
  { zoned, spoil }: { readonly zoned: boolean; spoil(event: RegistrationEvent): void },
  ...fields: readonly string[]
): Check {
  return {
    requirement,
    demand: sentence,
    run: async (services, subject) => {
      if (zoned) await subject.zone();
      const event = clone(RegistrationEventSchema, await sound(subject));
      spoil(event);
      const { acceptable, findings } = await services.registration.checkRegistration({
        registration: event,
      });
      const errors = findings.filter(({ severity }) => severity === Severity.ERROR);
      const seen = errors.map(({ rule, field, messageZh, messageEn }) => ({
        ...{ rule, field, messageZh, messageEn },
      }));
      demand(!acceptable, { zh: '不可受理', en: 'not acceptable' }, { acceptable, seen });
      for (const field of fields) {
        const expected = {
          zh: `${field} 有中英文的错误说明`,
          en: `an error of ${field}, in Chinese and English`,
        };
        const told = errors.some(
          (one) =>
            one.field.startsWith(field) && one.messageZh !== '' && /[a-z]/.test(one.messageEn),
        );
        demand(told, expected, seen);
      }
    },
  };
}

/** An event that is right, with an item of mode 4. */
async function sound(subject: Subject): Promise<RegistrationEvent> {
  const { scope } = await subject.scopeOf(ReformMode.OPTIMISED);
  return establishment(scope, subject);
}

async function destinationsOf(
  mode: ReformMode,
  { registration }: Services,
  subject: Subject,
): Promise<{ event: RegistrationEvent; told: readonly Destination[]; itemCode: string }> {
  const { item, scope } = await subject.scopeOf(mode);
  const event = await establishment(scope, subject);
  const { destinations } = await registration.checkRegistration({ registration: event });
  const told = destinations.filter(({ outcome }) => outcome === RouteOutcome.SEND);
  return { event, told, itemCode: item.permitItemCode };
}

/** The departments of an item of a reform mode are told of it. */
function tellsOf(requirement: string, mode: ReformMode, sentence: Bilingual): Check {
  return {
    requirement,
    demand: sentence,
    run: async (services, subject) => {
      await subject.zone();
      const { told, itemCode } = await destinationsOf(mode, services, subject);
      const departments = told.filter(({ kind }) => kind === DestinationKind.DEPARTMENT);
      const reached = departments.filter((one) => one.permitItemCodes.includes(itemCode));
      const expected = {
        zh: `发往 ${itemCode} 的接收部门`,
        en: `it goes to the departments of ${itemCode}`,
      };
      const seen = departments.map(({ code, clause, permitItemCodes }) => ({
        ...{ code, clause, permitItemCodes },
      }));
      demand(reached.length > 0, expected, seen);
    },
  };
}

/** 登记: what is found in an event and whom it reaches, by dry runs. Nothing is written. */
export const registrationChecks: readonly Check[] = [
  tellsOf('R9', ReformMode.CANCELLED, {
    zh: '直接取消审批的事项,登记信息推送原许可部门',
    en: 'of an abolished item, the former department is told of the registration',
  }),
  tellsOf('R11', ReformMode.FILING, {
    zh: '审批改为备案的事项,登记信息推送备案部门',
    en: 'of an item that became a filing, its department is told',
  }),
  tellsOf('R12', ReformMode.COMMITMENT, {
    zh: '实行告知承诺的事项,登记信息推送许可部门',
    en: 'of an item by commitment, its department is told',
  }),
  tellsOf('R15', ReformMode.OPTIMISED, {
    zh: '优化审批服务的事项,登记信息推送许可部门',
    en: 'of an item with optimised approval, its department is told',
  }),
  refuses(
    'R21',
    {
      zh: '有许可事项的企业须标“证照分离”',
      en: 'an enterprise with permit items must be flagged',
    },
    {
      zoned: true,
      spoil: (event) => {
        event.licenseSeparationFlag = false;
      },
    },
    'license_separation_flag',
  ),
  {
    requirement: 'R22',
    demand: {
      zh: '七项信息齐全的登记可受理',
      en: 'a registration with all seven data is acceptable',
    },
    run: async ({ registration }, subject) => {
      const event = await sound(subject);
      const { acceptable, findings } = await registration.checkRegistration({
        registration: event,
      });
      const expected = { zh: '可受理,没有错误', en: 'acceptable, without errors' };
      const errors = findings.filter(({ severity }) => severity === Severity.ERROR);
      const seen = errors.map(({ rule, field, messageEn }) => ({ rule, field, messageEn }));
      demand(acceptable && errors.length === 0, expected, { acceptable, errors: seen });
    },
  },
  refuses(
    'R24',
    {
      zh: '自贸区登记须勾选经营范围条目,不凭文本',
      en: 'in a free-trade zone the scope is ticked; a text alone is refused',
    },
    {
      zoned: true,
      spoil: (event) => {
        event.scopeEntryCodes = [];
        event.permitItems = [];
        event.licenseSeparationFlag = false;
      },
    },
    'scope_entry_codes',
  ),
  {
    requirement: 'R26',
    demand: {
      zh: '按许可部门分别推送:该知道的都知道,不该知道的不知道',
      en: 'every department concerned is told, and no other',
    },
    run: async (services, subject) => {
      await subject.zone();
      const { event, told } = await destinationsOf(ReformMode.OPTIMISED, services, subject);
      const wanted = [...new Set(event.permitItems.map((one) => one.receivingDeptCode))].sort();
      const reached = told
        .filter(({ kind }) => kind === DestinationKind.DEPARTMENT)
        .map(({ code }) => code)
        .sort();
      const expected = { zh: `部门 ${wanted.join()}`, en: `the departments ${wanted.join()}` };
      demand(wanted.join() === reached.join(), expected, reached);
    },
  },
  {
    requirement: 'R34',
    demand: {
      zh: '登记信息汇总至总局数据中心',
      en: 'registrations are gathered at the national node',
    },
    run: async (services, subject) => {
      const { told } = await destinationsOf(ReformMode.OPTIMISED, services, subject);
      const expected = { zh: '去向含总局', en: 'the national node is a destination' };
      const seen = told.map(({ kind, code }) => ({ kind: DestinationKind[kind], code }));
      demand(
        told.some(({ kind }) => kind === DestinationKind.NATIONAL),
        expected,
        seen,
      );
    },
  },
  refuses(
    'R42',
    {
      zh: '按数据标准校验,一次给出全部问题,中英文',
      en: 'validation tells everything that is wrong at once, in Chinese and English',
    },
    {
      zoned: false,
      spoil: (event) => {
        event.uscc = `${event.uscc.slice(0, 17)}${event.uscc.endsWith('0') ? '1' : '0'}`;
        event.estDate = '2019-13-01';
      },
    },
    'uscc',
    'est_date',
  ),
  refuses(
    'R43',
    {
      zh: '自贸区企业须有登记人员判断的自贸区和片区名称',
      en: 'an enterprise of a free-trade zone names zone and area, as the registrar judged',
    },
    {
      zoned: true,
      spoil: (event) => {
        event.ftzName = '';
        event.ftzAreaName = '';
      },
    },
    'ftz_name',
    'ftz_area_name',
  ),
];
