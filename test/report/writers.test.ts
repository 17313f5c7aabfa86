import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extractBatch, type ExtractionParts } from '../../server/report/extract.js';
import { offboardWriter, onboardWriter } from '../../server/report/writers.js';
import { Backlog } from '../../server/intake/backlog.js';
import { FrontDesk } from '../../server/services/front-desk.js';
import { actsForOf, savePrincipal } from '../../server/storage/access.js';
import { AUTHORITY, validLicence } from '../support/builders.js';
import { openIntake, validationAt } from '../support/intake.js';
import { freshLibraries, loginAs, type TestLibraries } from '../support/libraries.js';
import { insertion, openWriter, rowFor, type Writer } from './report.js';

const OTHER = '11330000002482030Y';
const SOURCE_TIME = '2019-12-20T01:59:00Z';

describe('writers of the report library', () => {
  let libraries: TestLibraries;
  let own: Writer;
  let other: Writer;
  let parts: ExtractionParts;
  beforeAll(async () => {
    libraries = await freshLibraries();
    const { knex, report } = libraries;
    own = await openWriter(knex, report, AUTHORITY.code);
    other = await openWriter(knex, report, OTHER);
    const desk = new FrontDesk({
      node: '330000',
      intake: openIntake(knex),
      validation: () => validationAt(),
      backlog: new Backlog({ perDestination: 0, total: 0 }),
    });
    const takeEach = desk.takeEach.bind(desk);
    parts = {
      knex,
      library: report,
      validation: () => validationAt(),
      actsFor: (writers) => actsForOf(knex, writers),
      takeEach,
    };
  });
  afterAll(async () => {
    await own.close();
    await other.close();
    await libraries.drop();
  });

  function licence(number: number): Record<string, unknown> {
    return { ...rowFor(validLicence({}, { number })), source_time: SOURCE_TIME };
  }

  it('R50 each sees its own rows and receipts, and nobody else’s', async () => {
    const { report } = libraries;
    await own.insert('licences', licence(1));
    await other.insert('licences', licence(2));
    await extractBatch(parts);
    for (const [writer, key] of [
      [own, 'LIC-1'],
      [other, 'LIC-2'],
    ] as const) {
      expect(await writer.run(`select lic_id from ${report}.licences`)).toEqual([{ lic_id: key }]);
      expect(await writer.receipts()).toHaveLength(1);
    }
    // The other organisation is not the authority of the licence (VR23).
    const [refused] = await other.receipts();
    expect(refused).toMatchObject({ accepted: false, reason: 'NOT_THE_AUTHORITY' });
    const [accepted] = await own.receipts();
    expect(accepted).toMatchObject({ accepted: true });
  });

  it('R50 VR23 who names itself as data unit of an authority must be registered as such', async () => {
    const row = (number: number) => ({
      ...licence(number),
      data_source_org_code: OTHER,
      data_source_org_name: '数据来源单位',
    });
    await other.insert('licences', row(3));
    await extractBatch(parts);
    expect((await other.receipts()).at(-1)).toMatchObject({
      accepted: false,
      reason: 'NOT_THE_AUTHORITY',
      findings: [{ rule: 'VR23', field: 'licence.lic_authority_code' }],
    });
    const all = { role: 'department', code: OTHER, regions: null, permitItems: null } as const;
    await savePrincipal(parts.knex, { ...all, actsFor: [AUTHORITY.code] });
    await other.insert('licences', row(4));
    await extractBatch(parts);
    expect((await other.receipts()).at(-1)).toMatchObject({ accepted: true });
  });

  it('R50 none changes what it wrote, says who wrote it, or touches the books of the hub', async () => {
    const { report, schema } = libraries;
    const forbidden = [
      `update ${report}.licences set lic_item = 'x'`,
      `delete from ${report}.licences`,
      `truncate ${report}.licences`,
      `insert into ${report}.licences (written_by, lic_id) values ('${own.role}', 'x')`,
      `insert into ${report}.licences (id, lic_id) overriding system value values (9, 'x')`,
      `select * from ${report}.pending`,
      `select * from ${report}.writers`,
      `insert into ${report}.receipts (table_name, row_id, written_by, message_id, accepted)
         values ('licences', 1, 'x', 'x', true)`,
      `select ${report}.note_rows()`,
      `select * from ${schema}.messages`,
      `select * from ${libraries.share}.registrations`,
    ];
    for (const statement of forbidden)
      await expect(other.run(statement), statement).rejects.toThrow(/permission denied|trigger/);
  });

  it('R50 off-boarding takes role and rights; what was written is still taken, as its own', async () => {
    const { knex, report, url } = libraries;
    const code = '12330000470003281R';
    const login = await onboardWriter(knex, report, code);
    const client = await loginAs(url, login);
    const row = { ...licence(3), source_org: AUTHORITY.code };
    await client.query(...insertion(report, 'licences', row));
    await client.end();
    await offboardWriter(knex, report, code);
    await expect(loginAs(url, login)).rejects.toThrow(/authentication failed/);
    expect(await extractBatch(parts)).toMatchObject({ settled: 1 });
    const { rows } = await knex.raw<{ rows: { findings: { field: string }[] }[] }>(
      'select findings from ??.receipts where written_by = ?',
      [report, login.role],
    );
    // A login that is gone can not have written for somebody else.
    expect(rows[0]?.findings.map(({ field }) => field)).toContain('envelope.source_org');
    const again = await onboardWriter(knex, report, code);
    expect(again.role).toBe(login.role);
    expect(again.password).not.toBe(login.password);
  });
});
