import type { Knex } from 'knex';
import { AuditKind } from '#gen/zhengzhao/v1/audit_pb.js';
import { auditEntry, type AuditEntry } from '../domain/audit/entry.js';
import { aroundEvery, type BoundService, type HandlerOf } from '../doors/service.js';
import { Batcher } from '../batching/batcher.js';
import { appendAudit } from '../storage/audit.js';
import { actorOf } from './actor.js';

/** What is recorded of a call besides who made it. */
type Told = Partial<Pick<AuditEntry, 'subject' | 'messageId' | 'sourceNode'>>;

type Fields = Readonly<Record<string, unknown>>;

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function subject(field: string): (request: Fields) => Told {
  return (request) => ({ subject: textOf(request[field]) });
}

function message({ messageId, sourceNode }: Fields): Told {
  return { messageId: textOf(messageId), sourceNode: textOf(sourceNode) };
}

function nothing(): Told {
  return {};
}

/**
 * Calls that read what others reported, and what of the request tells which data. What is published
 * for everybody is not here, nor is a call of the public recorded, and never the words of a search.
 */
const READS: Readonly<Record<string, (request: Fields) => Told>> = {
  'Registration.GetEnterprise': subject('uscc'),
  'Registration.ListRegistrationEvents': subject('uscc'),
  'Exchange.GetMessage': message,
  'Exchange.ListDeliveries': subject('destination'),
  'DataCenter.SearchEnterprises': nothing,
  'DataCenter.ListSharedRegistrations': subject('subscriber'),
  'DataCenter.ListPackages': subject('receivingDeptCode'),
  'DataCenter.GetPackage': subject('packageId'),
  'DataCenter.ListUnattributed': nothing,
  'DataCenter.ListAuditEntries': message,
};

/** Records reads: those of concurrent callers together, as one link of the chain. */
export class ReadJournal {
  readonly #commit: Batcher<AuditEntry, true>;

  constructor(knex: Knex, node: string) {
    this.#commit = new Batcher(
      async (entries) => {
        await knex.transaction((trx) => appendAudit(trx, node, entries));
        return entries.map(() => true);
      },
      { connections: 1, batchSize: 500, waiting: 20_000 },
    );
  }

  /** Resolves when it is durable. Throws BACKLOG_FULL or UNAVAILABLE; the read is then not answered. */
  async record(entry: AuditEntry): Promise<void> {
    await this.#commit.add([{ item: entry, lanes: [] }]);
  }

  /** Resolves when everything that was given has been written. */
  drained(): Promise<void> {
    return this.#commit.drained();
  }
}

/** The service with its reads recorded before they are answered. */
export function recordReads(
  bound: BoundService,
  journal: Pick<ReadJournal, 'record'>,
): BoundService {
  return aroundEvery(bound, {
    unary: (handle, method) => {
      const action = `${method.parent.name}.${method.name}`;
      const tell = READS[action];
      return tell ? record(action, tell, handle, journal) : handle;
    },
  });
}

function record(
  action: string,
  tell: (request: Fields) => Told,
  handle: HandlerOf['unary'],
  journal: Pick<ReadJournal, 'record'>,
): HandlerOf['unary'] {
  return async (request, call) => {
    const answer = await handle(request, call);
    if (call.principal.role === 'public') return answer;
    const told = tell(request as unknown as Fields);
    const act = { kind: AuditKind.READ, atMs: Date.now(), actor: actorOf(call), action };
    await journal.record(auditEntry({ ...act, ...told, outcome: 'ANSWERED' }));
    return answer;
  };
}
