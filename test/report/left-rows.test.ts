import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { Record as EnterpriseRecord } from '#gen/zhengzhao/v1/record_pb.js';
import { Backlog } from '../../server/intake/backlog.js';
import { admitRegistration } from '../../server/intake/admission.js';
import type { Intake } from '../../server/intake/intake.js';
import { extractBatch, type ExtractionParts } from '../../server/report/extract.js';
import { startExtractor } from '../../server/report/extractor.js';
import { FrontDesk } from '../../server/services/front-desk.js';
import { actsForOf } from '../../server/storage/access.js';
import { AUTHORITY, validLicence, validRegistration } from '../support/builders.js';
import { readOnlyPool } from '../support/database.js';
import { openIntake, validationAt } from '../support/intake.js';
import { freshLibraries, type TestLibraries } from '../support/libraries.js';
import { eventually } from '../support/nodes.js';
import { LONGER_THAN_A_TEST_MS } from '../support/patience.js';
import { openWriter, rowFor, type Writer } from './report.js';

const SOURCE_TIME = '2019-12-20T01:59:00Z';
const SECRET = { nonPublic: true, nonPublicBasis: '涉及商业秘密' };

describe('rows of the report library that must wait', () => {
  let libraries: TestLibraries;
  let writer: Writer;
  const backlog = new Backlog({ perDestination: 0, total: 1_000_000 });
  beforeAll(async () => {
    libraries = await freshLibraries();
    writer = await openWriter(libraries.knex, libraries.report, AUTHORITY.code);
  });
  afterEach(() => {
    backlog.counted(new Map());
  });
  afterAll(async () => {
    await writer.close();
    await libraries.drop();
  });

  /** The library can be written to; the node's own database is what `intake` sees. */
  function partsWith(intake: Intake): ExtractionParts {
    const { knex, report } = libraries;
    const validation = () => validationAt();
    const desk = new FrontDesk({ node: '330000', intake, validation, backlog });
    const actsFor = (writers: readonly string[]) => actsForOf(knex, writers);
    return { knex, library: report, validation, actsFor, takeEach: desk.takeEach.bind(desk) };
  }

  const insert = (record: EnterpriseRecord): Promise<number> =>
    writer.insert('licences', { ...rowFor(record), source_time: SOURCE_TIME });

  async function receiptOf(id: number) {
    return (await writer.receipts()).find((one) => one.row_id === id);
  }

  it('R50 a row meets a node whose database may only be read, and is taken once it may be written', async () => {
    const id = await insert(validLicence({}, { number: 1 }));
    const readOnly = readOnlyPool(libraries);
    await expect(extractBatch(partsWith(openIntake(readOnly)))).rejects.toMatchObject({
      reason: ErrorReason.UNAVAILABLE,
    });
    await readOnly.destroy();
    expect(await receiptOf(id)).toBeUndefined();
    expect(await extractBatch(partsWith(openIntake(libraries.knex)))).toMatchObject({ settled: 1 });
    expect(await receiptOf(id)).toMatchObject({ accepted: true, duplicate: false });
  });

  it('R50 a defect of the node is no receipt: the row waits for its cure, and holds up no other', async () => {
    const { knex } = libraries;
    await knex.raw(`
      create function fail() returns trigger language plpgsql as
        $$ begin
          if new.business_key = 'LIC-2' then raise exception 'defect'; end if;
          return new;
        end $$;
      create trigger fail before insert on messages for each row execute function fail();`);
    const ids = [];
    for (const number of [2, 3]) ids.push(await insert(validLicence({}, { number })));
    const parts = partsWith(openIntake(knex));
    expect(await extractBatch(parts)).toMatchObject({ settled: 1 });
    await knex.raw('drop trigger fail on messages');
    expect(await receiptOf(ids[0]!)).toBeUndefined();
    expect(await receiptOf(ids[1]!)).toMatchObject({ accepted: true });
    expect(await extractBatch(parts)).toMatchObject({ settled: 1 });
    expect(await receiptOf(ids[0]!)).toMatchObject({ accepted: true, duplicate: false });
  });

  it('R50 more rows for a full province than one turn takes hold up nobody behind them', async () => {
    // Of an enterprise that the node knows, or none of them would go up.
    const registered = admitRegistration(validRegistration(), validationAt());
    await openIntake(libraries.knex).accept([registered.submission(Symbol('test'))]);
    const row = { ...rowFor(validLicence()), source_time: SOURCE_TIME };
    const names = Object.keys(row).join(', ');
    const table = `${libraries.report}.licences`;
    const rows = Array.from({ length: 450 }, (_, index) => ({ ...row, lic_id: `LIC-F-${index}` }));
    await writer.run(
      `insert into ${table} (${names})
       select ${names} from jsonb_populate_recordset(null::${table}, $1)`,
      [JSON.stringify(rows)],
    );
    // What is not public does not go up, so that it needs no room there.
    const secret = await insert(validLicence({}, { number: 4, ...SECRET }));
    backlog.counted(new Map([['100000', 1]]));
    const extractor = startExtractor({
      ...partsWith(openIntake(libraries.knex, 'provincial', () => undefined, backlog)),
      url: libraries.url,
      source: 'test',
      log: pino({ level: 'silent' }),
      // No look comes by itself: the turns go on to the end of the list.
      intervalMs: LONGER_THAN_A_TEST_MS,
    });
    await eventually(async () => {
      expect(await receiptOf(secret)).toMatchObject({ accepted: true });
    });
    await extractor.stop();
    expect(await writer.receipts()).toHaveLength(4);
    backlog.counted(new Map());
    const parts = partsWith(openIntake(libraries.knex));
    let settled = 0;
    for (let turn = 0; turn < 3; turn += 1) settled += (await extractBatch(parts)).settled;
    expect(settled).toBe(450);
  });

  it('R55 D7 a row with the mark is taken while the backlog is full, wherever in the list it stands', async () => {
    const row = { ...rowFor(validLicence()), source_time: SOURCE_TIME };
    const names = Object.keys(row).join(', ');
    const table = `${libraries.report}.licences`;
    const rows = Array.from({ length: 210 }, (_, index) => ({ ...row, lic_id: `LIC-B-${index}` }));
    await writer.run(
      `insert into ${table} (${names})
       select ${names} from jsonb_populate_recordset(null::${table}, $1)`,
      [JSON.stringify(rows)],
    );
    const marked = await insert(validLicence({}, { number: 6, ...SECRET }));
    backlog.counted(new Map([['100000', 1_000_001]]));
    const parts = partsWith(openIntake(libraries.knex, 'provincial', () => undefined, backlog));
    const first = await extractBatch(parts);
    expect(first.settled).toBe(0);
    expect(await extractBatch(parts, first.goOnAfter)).toEqual({ settled: 1, goOnAfter: 0 });
    expect(await receiptOf(marked)).toMatchObject({ accepted: true });
    backlog.counted(new Map());
    const withRoom = partsWith(openIntake(libraries.knex));
    for (const settled of [200, 10])
      expect(await extractBatch(withRoom)).toMatchObject({ settled });
  });
});
