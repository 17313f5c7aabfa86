import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { clone, create } from '@bufbuild/protobuf';
import { NamingState, Operation, ReformMode, type Receipt } from '#gen/zhengzhao/v1/common_pb.js';
import type { Record as EnterpriseRecord } from '#gen/zhengzhao/v1/record_pb.js';
import {
  CancelKind,
  CancellationSchema,
  EventType,
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { civilDateIn } from '../../server/domain/identifiers/civil-date.js';
import { demand, type Check, type Services } from '../check.js';
import { establishment, MARK } from '../specimens.js';
import type { Subject } from '../subject.js';
import { reasonOf } from './catalogue.js';
import { authorityOf, ownLicence, withheld } from './records.js';

const PAUSE_MS = 200;

/** Asks until the answer fits or the patience is over; the last answer is judged. */
async function settled<T>(
  { patienceMs }: Subject,
  ask: () => Promise<T>,
  fits: (answer: T) => boolean,
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (fits(answer) || Date.now() > deadline) return answer;
    await sleep(PAUSE_MS);
  }
}

interface Established {
  readonly event: RegistrationEvent;
  readonly receipt: Receipt | undefined;
}

/** The run's enterprise, established once. */
function established({ registration }: Services, subject: Subject): Promise<Established> {
  return subject.once('established', async () => {
    const { scope } = await subject.scopeOf(ReformMode.OPTIMISED);
    const event = await establishment(scope, subject);
    const { receipt } = await registration.submitRegistration({ registration: event });
    return { event, receipt };
  });
}

/** A licence for it, public or not, reported once. */
function reported(
  services: Services,
  subject: Subject,
  publicity: 'public' | 'withheld',
): Promise<EnterpriseRecord> {
  return subject.once(publicity, async () => {
    await established(services, subject);
    const record = await ownLicence(subject, publicity);
    if (publicity === 'withheld') withheld(record);
    await services.exchange.submitRecord({ record });
    return record;
  });
}

/** Keys of the licences that a citizen sees. */
async function disclosed({ dataCenter }: Services, uscc: string): Promise<string[]> {
  const { licences } = await dataCenter.getDisclosure({ uscc });
  return licences.map(({ record }) => record?.envelope?.businessKey ?? '');
}

const PAGES = 100;

async function isPackaged(
  { dataCenter }: Services,
  receivingDeptCode: string,
  messageId: string,
): Promise<boolean> {
  let pageToken = '';
  for (let page = 0; page < PAGES; page += 1) {
    const answer = await dataCenter.listPackages({ receivingDeptCode, pageSize: 200, pageToken });
    if (answer.packages.some((one) => one.registrationMessageId === messageId)) return true;
    pageToken = answer.nextPageToken;
    if (pageToken === '') return false;
  }
  return false;
}

/**
 * 受理: what a node does with what it takes. One marked enterprise and two licences are written, sent
 * where the node sends them, and the enterprise is cancelled at the end.
 */
export const submissionChecks: readonly Check[] = [
  {
    requirement: 'R34',
    writes: true,
    demand: {
      zh: '登记受理后给回执;重复报送得同一回执,同号异文被退回',
      en: 'a registration gets a receipt; repeated, the same one; the id with other content is refused',
    },
    run: async (services, subject) => {
      const { event, receipt } = await established(services, subject);
      const node = await subject.node();
      demand(
        receipt?.node === node,
        { zh: `回执出自 ${node}`, en: `a receipt of ${node}` },
        receipt,
      );
      const { registration } = services;
      const again = await registration.submitRegistration({ registration: event });
      const same =
        again.receipt?.receiptNo === receipt.receiptNo && again.receipt.duplicate === true;
      demand(same, { zh: '同一回执,标重复', en: 'the same, as a duplicate' }, again.receipt);
      const other = clone(RegistrationEventSchema, event);
      other.lerep = `${MARK}二`;
      const refused = await reasonOf(registration.submitRegistration({ registration: other }));
      const expected = { zh: '答 MESSAGE_ID_REUSED', en: 'MESSAGE_ID_REUSED' };
      demand(refused === 'MESSAGE_ID_REUSED', expected, refused);
    },
  },
  {
    requirement: 'R32',
    writes: true,
    demand: {
      zh: '数据包按许可部门打包,可由部门取得',
      en: 'a package waits for the department',
    },
    run: async (services, subject) => {
      await subject.zone();
      const { event } = await established(services, subject);
      const { code } = await authorityOf(subject);
      const messageId = event.envelope?.messageId ?? '';
      const packaged = await settled(
        subject,
        () => isPackaged(services, code, messageId),
        (answer) => answer,
      );
      const expected = { zh: `${code} 的清单中有此登记`, en: `the list of ${code} has it` };
      demand(packaged, expected, 'no package');
    },
  },
  {
    requirement: 'R29',
    writes: true,
    demand: {
      zh: '许可信息记于企业名下',
      en: 'a licence is attributed to its enterprise',
    },
    run: async (services, subject) => {
      const { envelope } = await reported(services, subject, 'public');
      const messageId = envelope?.messageId ?? '';
      const { namingState } = await settled(
        subject,
        () => services.exchange.getMessage({ messageId, localOnly: true }),
        (answer) => answer.namingState === NamingState.NAMED,
      );
      const expected = { zh: '已记名', en: 'NAMED' };
      demand(namingState === NamingState.NAMED, expected, NamingState[namingState]);
    },
  },
  {
    requirement: 'R41',
    writes: true,
    demand: {
      zh: '公开的许可同步公示',
      en: 'a public licence is disclosed',
    },
    run: async (services, subject) => {
      const { event } = await established(services, subject);
      const { envelope } = await reported(services, subject, 'public');
      const key = envelope?.businessKey ?? '';
      const keys = await settled(
        subject,
        () => disclosed(services, event.uscc),
        (answer) => answer.includes(key),
      );
      demand(keys.includes(key), { zh: `公示含 ${key}`, en: `${key} is disclosed` }, keys);
    },
  },
  {
    requirement: 'R55',
    writes: true,
    demand: {
      zh: '标记不公示的许可不公示、不上报,并记明条款',
      en: 'a licence marked as not public is neither disclosed nor sent up, and the clause is on record',
    },
    run: async (services, subject) => {
      const { event } = await established(services, subject);
      const { envelope } = await reported(services, subject, 'withheld');
      const messageId = envelope?.messageId ?? '';
      const { steps } = await settled(
        subject,
        () => services.exchange.getMessage({ messageId, localOnly: true }),
        (answer) => answer.steps.some(({ clause }) => clause.includes('R55')),
      );
      const seen = steps.map(({ rule, clause, destination }) => ({ rule, clause, destination }));
      const held = steps.some(({ clause }) => clause.includes('R55'));
      demand(held, { zh: '生命线有 R55 一步', en: 'a step of its life by R55' }, seen);
      const keys = await disclosed(services, event.uscc);
      const key = envelope?.businessKey ?? '';
      demand(!keys.includes(key), { zh: `不公示 ${key}`, en: `${key} is not disclosed` }, keys);
    },
  },
  {
    requirement: 'R30',
    writes: true,
    demand: {
      zh: '注销生效(测试企业就此结束)',
      en: 'a cancellation takes effect (and ends the test enterprise)',
    },
    run: async (services, subject) => {
      const { event } = await established(services, subject);
      const { registration } = services;
      const cancellation = clone(RegistrationEventSchema, event);
      cancellation.eventType = EventType.CANCEL;
      cancellation.regState = '4';
      cancellation.cancel = create(CancellationSchema, {
        cancelDate: civilDateIn(Date.now()),
        cancelKind: CancelKind.ORDINARY,
        cancelReason: MARK,
      });
      if (cancellation.envelope) {
        cancellation.envelope.messageId = randomUUID();
        cancellation.envelope.recordVersion = 2n;
        cancellation.envelope.operation = Operation.UPDATE;
      }
      await registration.submitRegistration({ registration: cancellation });
      const { uscc } = event;
      const { enterprise } = await registration.getEnterprise({ uscc });
      const expected = { zh: '登记状态 4', en: 'registration state 4' };
      demand(enterprise?.regState === '4', expected, enterprise?.regState);
    },
  },
];
