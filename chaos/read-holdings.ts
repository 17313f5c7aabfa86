import pg from 'pg';
import { recordName } from './oracle/history.js';
import type {
  HeldDelivery,
  HeldEnterprise,
  HeldMessage,
  HeldPackage,
  HeldRecord,
  Holdings,
} from './oracle/holdings.js';
import { readChainProblems } from './proofs.js';
import { findSecret } from './secret-search.js';
import type { ChaosNode } from './stage/chaos-node.js';
import { NATIONAL } from './stage/places.js';

const STATES = ['open', 'acknowledged', 'dead', 'held-back'] as const;
const RECORD_STATES = ['current', 'deleted', 'withdrawn'] as const;

/** Reads everything that a node holds, straight from its database. */
export async function readHoldings(node: ChaosNode): Promise<Holdings> {
  const db = new pg.Client({
    connectionString: node.postgres.urlAt(),
    options: '-c search_path=hub',
  });
  await db.connect();
  try {
    const national = node.code === NATIONAL;
    return {
      node: node.code,
      national,
      messages: await readMessages(db),
      enterprises: await readEnterprises(db),
      records: await readRecords(db),
      deliveries: await readDeliveries(db),
      packages: await readPackages(db),
      secretPlaces: national ? await findSecret(node, db) : [],
      chainProblems: await readChainProblems(node),
    };
  } finally {
    await db.end();
  }
}

async function readMessages(db: pg.Client): Promise<HeldMessage[]> {
  const { rows } = await db.query<HeldMessage>(
    `select seq::int, source_node as "sourceNode", message_id as "messageId",
            encode(digest, 'hex') as digest, payload is not null as "hasContent",
            round(extract(epoch from accepted_at) * 1000)::float8 as "acceptedAtMs"
       from messages order by seq`,
  );
  return rows;
}

async function readEnterprises(db: pg.Client): Promise<HeldEnterprise[]> {
  const { rows } = await db.query<HeldEnterprise>(
    'select uscc, ent_name as name, former_names as "formerNames" from enterprises',
  );
  return rows;
}

interface RecordRow extends Omit<HeldRecord, 'record' | 'state'> {
  readonly kind: number;
  readonly owner: string;
  readonly key: string;
  readonly stateNumber: number;
}

async function readRecords(db: pg.Client): Promise<HeldRecord[]> {
  const { rows } = await db.query<RecordRow>(
    `select kind::int, owner_org as owner, business_key as key, record_version::int as version,
            state::int as "stateNumber", non_public as "nonPublic", naming = 2 as named,
            publicity_revision::int as revision, change_version::int as "changeVersion"
       from records`,
  );
  return rows.map(({ kind, owner, key, stateNumber, ...held }) => ({
    ...held,
    record: recordName(kind, owner, key),
    state: RECORD_STATES[stateNumber - 1] ?? 'deleted',
  }));
}

async function readDeliveries(db: pg.Client): Promise<HeldDelivery[]> {
  const { rows } = await db.query<Omit<HeldDelivery, 'state'> & { stateNumber: number }>(
    `select message_seq::int as "messageSeq", destination, action::int, rule, revision::int,
            state::int as "stateNumber", last_error as "lastError"
       from deliveries order by id`,
  );
  return rows.map(({ stateNumber, ...held }) => ({
    ...held,
    state: STATES[stateNumber - 1] ?? 'open',
  }));
}

async function readPackages(db: pg.Client): Promise<HeldPackage[]> {
  const { rows } = await db.query<HeldPackage>(
    'select message_seq::int as "messageSeq", dept_code as department from packages',
  );
  return rows;
}
