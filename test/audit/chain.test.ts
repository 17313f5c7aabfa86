import fc from 'fast-check';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { verifyChain } from '../../server/audit/verify-chain.js';
import { openDatabase } from '../../server/storage/database.js';
import { validLicence, validRegistration } from '../support/builders.js';
import { ZHEJIANG_MARKET_REGULATION } from '../support/catalog.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

/** Where a fault is: `link`, or `link/position`. */
type Place = string;

interface Row {
  readonly link: number;
  readonly position: number;
}

/** One tampering with the tables, and the rows that must be named for it. */
interface Tampering {
  readonly sql: string;
  readonly values: readonly (number | string)[];
  readonly places: readonly Place[];
}

const FLIPPED = (column: string): string =>
  `set ${column} = case when length(${column}) = 0 then '\\x00'::bytea
                        else set_byte(${column}, 0, 255 - get_byte(${column}, 0)) end`;

const ENTRY_CHANGES = [
  'set kind = 7 - kind',
  'set at_ms = at_ms + 1',
  ...['actor', 'action', 'message_id', 'source_node', 'subject', 'rules', 'outcome'].map(
    (column) => `set ${column} = ${column} || 'x'`,
  ),
  FLIPPED('digest'),
];
const LINK_CHANGES = [
  'set at_ms = at_ms + 1',
  ...['entries_hash', 'previous', 'hash'].map(FLIPPED),
];

let node: TestNode;
let knex: Knex;
let rows: Row[];

/** What the node did in the test: several links, some of more than one entry. */
async function live(): Promise<void> {
  const version = { catalogVersion: node.node.catalogVersion };
  const registrations = [1, 2, 3].map((number) => validRegistration(version, { number }));
  await node.registration.batchSubmitRegistrations({ registrations });
  for (const number of [4, 5])
    await node.registration.submitRegistration({
      registration: validRegistration(version, { number }),
    });
  await node.exchange.submitRecord({ record: validLicence({}, { number: 6 }) });
  await node.exchange
    .submitRecord({ record: validLicence({ licNo: '' }, { number: 7 }) })
    .catch(() => undefined);
  await node.dataCenter.listPackages({ receivingDeptCode: ZHEJIANG_MARKET_REGULATION.code });
  await node.exchange.retryDeliveries({ destination: '100000', requestedBy: '值班员' });
}

async function save(): Promise<void> {
  for (const table of ['audit_links', 'audit_entries', 'audit_head']) {
    await knex.raw(`alter table ${table} disable trigger user`);
    await knex.raw(`create table ${table}_saved as table ${table}`);
  }
}

async function restore(): Promise<void> {
  for (const table of ['audit_links', 'audit_entries', 'audit_head'])
    await knex.raw(`delete from ${table}; insert into ${table} select * from ${table}_saved`);
}

async function placesAfter({ sql, values }: Pick<Tampering, 'sql' | 'values'>): Promise<Place[]> {
  // One statement after the other: PostgreSQL takes values for one only.
  let used = 0;
  for (const statement of sql.split(';')) {
    const count = statement.split('?').length - 1;
    await knex.raw(statement, values.slice(used, (used += count)));
  }
  try {
    const { faults } = await verifyChain(knex, node.code);
    const places = faults.map(({ link, position }) =>
      position === undefined ? String(link) : `${link}/${position}`,
    );
    return [...new Set(places)].sort();
  } finally {
    await restore();
  }
}

function swapped(table: string, column: string, condition: string, one: number, two: number) {
  return {
    sql: `update ${table} set ${column} = -${column} where ${column} in (?, ?)${condition};
          update ${table} set ${column} = case ${column} when -(?::int) then ?::int else ?::int end
           where ${column} < 0${condition}`,
    values: [one, two, one, two, one],
  };
}

/** Every kind of tampering with a single row, or with two that change places. */
function tamperings(): fc.Arbitrary<Tampering> {
  const links = [...new Set(rows.map((row) => row.link))];
  const head = Math.max(...links);
  const entry = fc.constantFrom(...rows);
  const link = fc.constantFrom(...links);
  const others = rows.filter(({ position }) => position > 1);
  const copied =
    'kind, at_ms, actor, action, message_id, source_node, digest, subject, rules, outcome';
  return fc.oneof(
    fc.tuple(entry, fc.constantFrom(...ENTRY_CHANGES)).map(([{ link, position }, change]) => ({
      sql: `update audit_entries ${change} where link = ? and position = ?`,
      values: [link, position],
      places: [`${link}/${position}`],
    })),
    fc.tuple(link, fc.constantFrom(...LINK_CHANGES)).map(([seq, change]) => ({
      sql: `update audit_links ${change} where seq = ?`,
      values: [seq],
      places: [String(seq)],
    })),
    entry.map(({ link, position }) => ({
      sql: 'delete from audit_entries where link = ? and position = ?',
      values: [link, position],
      places: [`${link}/${position}`],
    })),
    link.map((seq) => ({
      sql: 'delete from audit_links where seq = ?',
      values: [seq],
      places: [String(seq)],
    })),
    fc.tuple(entry, fc.constantFrom(0, 9_999, -1)).map(([{ link, position }, at]) => ({
      sql: `insert into audit_entries (link, position, ${copied})
            select link, ?, ${copied} from audit_entries where link = ? and position = ?`,
      values: [at, link, position],
      places: [`${link}/${at}`],
    })),
    fc.tuple(link, fc.constantFrom(0, head + 1, head + 1_000_000, -3)).map(([seq, at]) => ({
      sql: `insert into audit_links select ?, at_ms, leaves, entries_hash, previous, hash
              from audit_links where seq = ?`,
      values: [at, seq],
      places: [String(at)],
    })),
    fc
      .tuple(link, link)
      .filter(([one, two]) => one !== two)
      .map(([one, two]) => ({
        ...swapped('audit_links', 'seq', '', one, two),
        // The entries follow the numbers, so they do not fit the links either.
        places: [],
      })),
    fc.constantFrom(...others).map(({ link, position }) => ({
      ...swapped('audit_entries', 'position', ` and link = ${link}`, 1, position),
      places: [`${link}/1`, `${link}/${position}`],
    })),
  );
}

describe('the audit chain', () => {
  beforeAll(async () => {
    node = await startTestNode({});
    knex = openDatabase({ url: inject('databaseUrl'), schema: node.schema, poolSize: 2 });
    await live();
    rows = await node.sql<Row>('select link, position from audit_entries order by 1, 2');
    await save();
  });
  afterAll(async () => {
    await knex.destroy();
    await node.stop();
  });

  it('is whole after everything the node did, and entries are numbered without gaps', async () => {
    const { faults, entries, links, head } = await verifyChain(knex, node.code);
    expect(faults).toEqual([]);
    expect([entries, head.link]).toEqual([rows.length, links]);
    expect(links).toBeGreaterThanOrEqual(6);
    expect(rows.length).toBeGreaterThan(links);
    const status = await node.dataCenter.getNodeStatus({});
    expect(status.auditHead).toMatchObject({ link: BigInt(links) });
    expect((await verifyChain(knex, '440000')).faults).toHaveLength(Math.min(links, 100));
  });

  it('names any single row that is changed, removed, inserted or put elsewhere', async () => {
    await fc.assert(
      fc.asyncProperty(tamperings(), async (tampering) => {
        const found = await placesAfter(tampering);
        if (tampering.places.length > 0) expect(found).toEqual([...tampering.places].sort());
        else {
          const [one, two] = tampering.values;
          expect(found).toEqual(expect.arrayContaining([String(one), String(two)]));
        }
      }),
      { numRuns: 120 },
    );
  });

  it('notices a tail that was removed with its entries, and a head that is gone', async () => {
    const last = Math.max(...rows.map((row) => row.link));
    const sql = `delete from audit_entries where link >= ?; delete from audit_links where seq >= ?`;
    const places = await placesAfter({ sql, values: [last - 1, last - 1] });
    expect(places).toEqual([String(last - 1), String(last)].sort());
    expect(await placesAfter({ sql: 'delete from audit_head', values: [] })).not.toEqual([]);
  });
});
