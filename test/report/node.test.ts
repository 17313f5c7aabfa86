import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Row } from '../../server/dictionary/to-row.js';
import { prepareForeign } from '../../server/report/foreign.js';
import { libraryNames } from '../../server/storage/library-names.js';
import { openDatabase } from '../../server/storage/database.js';
import {
  AUTHORITY,
  testUscc,
  validInspection,
  validLicence,
  validPenalty,
  validRegistration,
} from '../support/builders.js';
import { foreignDatabase, type ForeignDatabase } from '../support/foreign-database.js';
import { dropLibraries } from '../support/libraries.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';
import { insertion, openWriter, rowFor, type Writer } from './report.js';
import { LONGER_THAN_A_TEST_MS } from '../support/patience.js';

describe('report libraries of a running node', () => {
  let foreign: ForeignDatabase;
  let system: pg.Client;
  let node: TestNode;
  let knex: Knex;
  let writer: Writer;
  beforeAll(async () => {
    foreign = await foreignDatabase();
    system = new pg.Client({ connectionString: foreign.url });
    system.on('error', () => undefined);
    await system.connect();
    await prepareForeign(foreign.knex);
    // A row from before the library's triggers were there, say of a restored table.
    await system.query('alter table report.licences disable trigger note_rows');
    await write('licences', rowFor(validLicence()));
    await system.query('alter table report.licences enable trigger note_rows');
    await prepareForeign(foreign.knex);
    const nowhere = `postgres://nobody:secret@127.0.0.1:${await freePort()}/gone`;
    node = await startTestNode({
      HUB_REGION: '330000',
      // No sweep comes within a test: what is taken was announced.
      HUB_SWEEP_MS: String(LONGER_THAN_A_TEST_MS),
      HUB_REPORT_URLS: `${nowhere},${foreign.url}`,
    });
    knex = openDatabase({ url: inject('databaseUrl'), schema: node.schema, poolSize: 2 });
    writer = await openWriter(knex, libraryNames(node.schema).report, AUTHORITY.code);
    const registration = validRegistration({ catalogVersion: '2019.12-prov' });
    await node.registration.submitRegistration({ registration });
  });
  afterAll(async () => {
    await writer.close();
    await node.stop();
    await dropLibraries(knex, libraryNames(node.schema));
    await knex.destroy();
    await system.end();
    await foreign.drop();
  });

  /** What the business system itself does in its own database. */
  async function write(table: string, row: Row): Promise<void> {
    await system.query(...insertion('report', table, row));
  }

  it('R50 F9 takes a row as soon as it is committed, and shows it with the enterprise', async () => {
    await writer.insert('penalties', rowFor(validPenalty({ publicityTo: '' })));
    const receipt = await eventually(async () => {
      const [found] = await writer.receipts();
      expect(found).toBeDefined();
      return found;
    });
    expect(receipt).toMatchObject({ accepted: true, effect: 'APPLIED', duplicate: false });
    const { penalties } = await node.dataCenter.getDisclosure({ uscc: testUscc(1) });
    expect(penalties.map((one) => one.record?.envelope?.businessKey)).toEqual(['CASE-1']);
  });

  it('R50 reads a foreign PostgreSQL too, what was there before included, while another is away', async () => {
    await write('inspections', rowFor(validInspection()));
    const receipts = await eventually(async () => {
      const { rows } = await foreign.knex.raw<{
        rows: { table_name: string; accepted: boolean; receipt_no: string }[];
      }>('select table_name, accepted, receipt_no from report.receipts order by table_name');
      expect(rows).toHaveLength(2);
      return rows;
    });
    expect(receipts).toMatchObject([
      { table_name: 'inspections', accepted: true },
      { table_name: 'licences', accepted: true },
    ]);
    const stored = await node.sql<{ business_key: string }>(
      `select business_key from messages where '330000-' || seq = any(?) order by 1`,
      [receipts.map(({ receipt_no }) => receipt_no)],
    );
    expect(stored.map((row) => row.business_key)).toEqual(['INSP-1', 'LIC-1']);
  });

  it('R50 goes on reading a foreign PostgreSQL after its connections were lost', async () => {
    const second = await startTestNode({
      HUB_REGION: '330000',
      HUB_DATABASE_SCHEMA: node.schema,
      HUB_PROCESS: 'worker',
      HUB_REPORT_URLS: foreign.url,
    });
    await sleep(500);
    await foreign.knex.raw(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name like 'zhengzhao-hub/listen/%'`,
    );
    await write('inspections', rowFor(validInspection({}, { number: 2 })));
    await eventually(async () => {
      const { rows } = await foreign.knex.raw<{ rows: { accepted: boolean }[] }>(
        `select accepted from report.receipts where table_name = 'inspections'`,
      );
      expect(rows).toEqual([{ accepted: true }, { accepted: true }]);
    });
    await second.stop();
  });
});
