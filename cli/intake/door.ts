import type { Finding, SubmissionResult } from '#gen/zhengzhao/v1/common_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { Record as EnterpriseRecord } from '#gen/zhengzhao/v1/record_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import type { Hub } from '../connection.js';
import type { RowMessage } from './message.js';

/** Where the messages of a file go. */
export interface Door {
  /** One outcome for each message, in their order. At most 500. */
  submit(messages: readonly RowMessage[]): Promise<readonly SubmissionResult[]>;
  /** What the node finds in a message; nothing is written. */
  check(message: RowMessage): Promise<readonly Finding[]>;
}

/** Milliseconds for a batch. A node that is overloaded says so earlier. */
const LIMIT = { timeoutMs: 120_000 };

/** Registrations, to the node of their province (R34). */
export function registrationDoor(hub: Hub): Door {
  const client = hub.client(Registration);
  return {
    async submit(messages) {
      const registrations = messages as readonly RegistrationEvent[];
      const request = { registrations: [...registrations] };
      return (await client.batchSubmitRegistrations(request, LIMIT)).results;
    },
    async check(message) {
      const registration = message as RegistrationEvent;
      return (await client.checkRegistration({ registration })).findings;
    },
  };
}

/** Licences, filings, inspections and penalties (R49). */
export function recordDoor(hub: Hub): Door {
  const client = hub.client(Exchange);
  return {
    async submit(messages) {
      const records = messages as readonly EnterpriseRecord[];
      return (await client.batchSubmitRecords({ records: [...records] }, LIMIT)).results;
    },
    async check(message) {
      const record = message as EnterpriseRecord;
      return (await client.checkRecord({ record })).findings;
    },
  };
}
