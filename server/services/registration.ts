import { fromBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Knex } from 'knex';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import {
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import type { ServiceMethods } from '../doors/service.js';
import type { Principal } from '../domain/access/principal.js';
import { isInSight, sightOf } from '../domain/access/sight.js';
import type { NodeContext } from '../domain/decision/decision.js';
import { HubError, notFound } from '../domain/errors.js';
import { hasError } from '../domain/finding.js';
import { normaliseUscc } from '../domain/identifiers/uscc.js';
import { sharedWith } from '../domain/registration/minimised.js';
import { admitRegistration, heldAgainst, type Admission } from '../intake/admission.js';
import { storedReceipt } from '../intake/receipts.js';
import { rehearse } from '../intake/rehearsal.js';
import { findEnterprise, type StoredEnterprise } from '../storage/enterprises.js';
import { contentOf, eventsOf } from '../storage/message-history.js';
import { toDestination } from './destinations.js';
import { requireBatch, type FrontDesk } from './front-desk.js';
import { required } from './required.js';
import { PAGE_SIZES } from './page-sizes.js';
import { decodeSequence, encodePageToken, pageSizeOf } from './page-token.js';

/** What the service needs. */
export interface RegistrationParts {
  readonly knex: Knex;
  readonly node: string;
  readonly level: 'national' | 'provincial';
  readonly desk: FrontDesk;
  readonly context: () => NodeContext;
}

const GET_ENTERPRISE = 'zhengzhao.v1.Registration/GetEnterprise';
const LIST_EVENTS = 'zhengzhao.v1.Registration/ListRegistrationEvents';

/** Registrations are reported to the province, which sends them up (R34). */
function requireProvince({ level }: RegistrationParts): void {
  if (level === 'provincial') return;
  throw new HubError(ErrorReason.WRONG_LEVEL, {
    zh: '登记信息应报送至登记机关所在省的数据中心,由其汇总至总局。',
    en: 'Registrations are submitted to the data centre of the province, which reports them upward.',
  });
}

/** Business systems see what the 共享库 shows them, authorities the whole event (R47). */
function shownTo({ role, scope }: Principal, event: RegistrationEvent): RegistrationEvent {
  return role === 'business' ? sharedWith(scope.permitItems, event) : event;
}

/** Departments that were told; to a business system only those of its own items. */
function toldShownTo({ role, scope }: Principal, { told }: StoredEnterprise): string[] {
  const { permitItems } = scope;
  const shown =
    role !== 'business' || permitItems === 'all'
      ? told
      : told.filter(({ items }) => items.some((item) => permitItems.includes(item)));
  return shown.map(({ code }) => code);
}

/** The registration service of a node. */
export function createRegistration(parts: RegistrationParts): ServiceMethods<typeof Registration> {
  const { knex, desk } = parts;
  const admit = (event: RegistrationEvent, by: Principal): Admission =>
    heldAgainst(by, admitRegistration(event, desk.validation));
  const visible = async (
    uscc: string,
    rpc: string,
    by: Principal,
  ): Promise<StoredEnterprise | undefined> => {
    const enterprise = await findEnterprise(knex, normaliseUscc(uscc));
    return enterprise && isInSight(sightOf(by, rpc), enterprise) ? enterprise : undefined;
  };

  return {
    async checkRegistration({ registration }, { principal }) {
      requireProvince(parts);
      const admission = admit(required(registration, 'registration'), principal);
      if (admission.barrier) throw admission.barrier;
      const { findings, legs } = await rehearse(knex, admission, parts.context());
      return {
        acceptable: !hasError(findings),
        findings: [...findings],
        destinations: legs.map(toDestination),
      };
    },

    async submitRegistration({ registration }, call) {
      requireProvince(parts);
      const admission = admit(required(registration, 'registration'), call.principal);
      const { receipt, warnings } = await desk.take(admission, call);
      return { receipt, warnings: [...warnings] };
    },

    async batchSubmitRegistrations({ registrations }, call) {
      requireProvince(parts);
      requireBatch(registrations.length);
      const admissions = registrations.map((event) => admit(event, call.principal));
      return { results: await desk.takeAll(admissions, call) };
    },

    async getEnterprise({ uscc }, { principal }) {
      const enterprise = await visible(uscc, GET_ENTERPRISE, principal);
      const content = enterprise && (await contentOf(knex, enterprise.messageSeq));
      if (!enterprise || !content) throw notFound('该企业', 'enterprise');
      return {
        enterprise: {
          uscc: enterprise.uscc,
          entName: enterprise.entName,
          formerNames: [...enterprise.formerNames],
          homeNode: enterprise.homeNode,
          regState: enterprise.regState,
          registration: shownTo(principal, fromBinary(RegistrationEventSchema, content)),
          updatedAt: timestampFromDate(enterprise.updatedAt),
          toldDeptCodes: toldShownTo(principal, enterprise),
        },
      };
    },

    async listRegistrationEvents({ uscc, pageSize, pageToken }, { principal }) {
      const code = normaliseUscc(uscc);
      const list = ['registration-events', code];
      const size = pageSizeOf(pageSize, PAGE_SIZES.ListRegistrationEvents);
      const after = decodeSequence(list, pageToken);
      if (sightOf(principal, LIST_EVENTS) && !(await visible(code, LIST_EVENTS, principal)))
        throw notFound('该企业', 'enterprise');
      const events = await eventsOf(knex, code, after, size + 1);
      const page = events.slice(0, size);
      const last = page.at(-1);
      return {
        events: page.map((event) => ({
          registration: shownTo(principal, fromBinary(RegistrationEventSchema, event.payload)),
          receipt: storedReceipt(event, parts.node),
        })),
        nextPageToken: events.length > size && last ? encodePageToken(list, String(last.seq)) : '',
      };
    },
  };
}
