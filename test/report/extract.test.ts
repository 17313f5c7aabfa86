import { create, fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SubmissionResultSchema } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import {
  CounterpartType,
  LicenceCategory,
  LicenceEndKind,
  LicenceState,
  PenaltyState,
  RecordSchema,
  type Record as EnterpriseRecord,
} from '#gen/zhengzhao/v1/record_pb.js';
import { validateRecord } from '../../server/domain/validation/validator.js';
import { extractBatch as takeTurn, type ExtractionParts } from '../../server/report/extract.js';
import { Backlog } from '../../server/intake/backlog.js';
import { actsForOf } from '../../server/storage/access.js';
import { FrontDesk } from '../../server/services/front-desk.js';
import {
  AUTHORITY,
  testMessageId,
  validFiling,
  validInspection,
  validLicence,
  validPenalty,
} from '../support/builders.js';
import { openIntake, validationAt } from '../support/intake.js';
import { freshLibraries, type TestLibraries } from '../support/libraries.js';
import { eventually } from '../support/nodes.js';
import { fullRow, openWriter, rowFor, tableFor, type Writer } from './report.js';
import { heldTransaction } from '../support/database.js';

const SOURCE_TIME = '2019-12-20T01:59:00Z';
const SECRET = { nonPublic: true, nonPublicBasis: '涉及商业秘密' };

/** A turn from the head of the list; how many rows it settled. */
const extractBatch = async (parts: ExtractionParts): Promise<number> =>
  (await takeTurn(parts)).settled;

describe('taking rows from the report library', () => {
  let libraries: TestLibraries;
  let writer: Writer;
  let parts: ExtractionParts;
  const backlog = new Backlog({ perDestination: 0, total: 0 });
  beforeAll(async () => {
    libraries = await freshLibraries();
    const { knex, report } = libraries;
    writer = await openWriter(knex, report, AUTHORITY.code);
    const desk = new FrontDesk({
      node: '330000',
      intake: openIntake(knex),
      validation: () => validationAt(),
      backlog,
    });
    parts = {
      knex,
      library: report,
      validation: () => validationAt(),
      actsFor: (writers) => actsForOf(knex, writers),
      takeEach: desk.takeEach.bind(desk),
    };
  });
  afterAll(async () => {
    await writer.close();
    await libraries.drop();
  });

  function insert(record: EnterpriseRecord, more: object = {}): Promise<number> {
    const row = { ...rowFor(record), source_time: SOURCE_TIME, ...more };
    return writer.insert(tableFor(record).name, row);
  }

  async function receiptFor(record: EnterpriseRecord, rowId: number) {
    const { name } = tableFor(record);
    const receipts = await writer.receipts();
    return receipts.find((one) => one.table_name === name && one.row_id === rowId);
  }

  async function messageOf(messageId: string) {
    const row = await libraries.knex('messages').where({ message_id: messageId }).first();
    return row as { seq: number; payload: Buffer; source_org: string } | undefined;
  }

  const pendingCount = async (): Promise<number> => {
    const { rows } = await libraries.knex.raw<{ rows: { n: number }[] }>(
      'select count(*) as n from ??.pending',
      [libraries.report],
    );
    return Number(rows[0]?.n);
  };

  it('R27 R50 R51 R49 F9 the four classes come out as the records that they are', async () => {
    const changes = [{ altItem: '许可范围', altBe: '冷食', altAf: '热食', altDate: '2019-12-18' }];
    const records = [
      validLicence({ changes, commitmentFlag: false }, { number: 1, ...SECRET }),
      validFiling({ filingNo: '备2019-1' }, { number: 1 }),
      validInspection({ disposalCodes: ['1', '2'] }, { number: 1 }),
      validPenalty({ fineFen: 9_007_199_254_740_993n }, { number: 1 }),
    ];
    const ids = [];
    for (const record of records) ids.push(await insert(record));
    expect(await extractBatch(parts)).toBe(4);
    for (const [index, record] of records.entries()) {
      const receipt = await receiptFor(record, ids[index]!);
      expect(receipt).toMatchObject({ findings: [], accepted: true, duplicate: false });
      const message = await messageOf(receipt!.message_id);
      expect(receipt?.receipt_no).toBe(`330000-${message?.seq}`);
      const taken = fromBinary(RecordSchema, message!.payload);
      // Everything but the id, which the table gave.
      const wanted = { ...fullRow(record), message_id: receipt?.message_id };
      expect(fullRow(taken)).toEqual({ ...wanted, source_time: '2019-12-20T01:59:00.000Z' });
    }
    expect(await pendingCount()).toBe(0);
    expect(await extractBatch(parts)).toBe(0);
  });

  it('R51 judges a row as the interface judges a call, finding for finding', async () => {
    const records = [
      validLicence({ licDocNo: '无', decisionDate: '2019-12-30' }, { number: 2 }),
      validLicence({ licItem: '', valTo: '2019-01-01' }, { number: 3 }),
      validLicence({ permitItemCode: 'PX-9999', counterpart: {} }, { number: 4 }),
      validFiling({ uscc: '91330902MA2000010X' }, { number: 2 }),
      validInspection({ resultCodes: ['1', '2'], inspType: '9' }, { number: 2 }),
      validPenalty({ penTypes: ['2'], fineFen: 0n, publicityTo: '2018-01-01' }, { number: 2 }),
      validPenalty({ authorityCode: '11330000002482030Y' }, { number: 3 }),
      validLicence({ licName: '长'.repeat(101) }, { number: 5, nonPublic: true }),
    ];
    const ids = [];
    for (const record of records) ids.push(await insert(record));
    expect(await extractBatch(parts)).toBe(records.length);
    for (const [index, record] of records.entries()) {
      const receipt = await receiptFor(record, ids[index]!);
      const wanted = validateRecord(record, validationAt());
      expect(receipt).toMatchObject({ accepted: false, receipt_no: null });
      expect(receipt?.findings.length).toBeGreaterThan(0);
      expect(
        receipt?.findings.map(({ rule, field, code, zh, en }) => [rule, field, code, zh, en]),
      ).toEqual(wanted.map((one) => [one.rule, one.field, one.code, one.messageZh, one.messageEn]));
      expect(await messageOf(receipt!.message_id)).toBeUndefined();
    }
  });

  it('R50 a bad row holds up no good one, in the same statement or before', async () => {
    const good = rowFor(validLicence({}, { number: 10 }));
    const rows = Array.from({ length: 12 }, (_, index) => ({
      ...good,
      lic_id: `LIC-10-${index}`,
      lic_item: index % 3 === 0 ? '' : '热食类食品制售',
      source_time: SOURCE_TIME,
    }));
    const names = Object.keys(rows[0]!);
    await writer.run(
      `insert into ${libraries.report}.licences (${names.join(', ')})
       select ${names.join(', ')} from jsonb_populate_recordset(null::${libraries.report}.licences, $1)`,
      [JSON.stringify(rows)],
    );
    const before = (await writer.receipts()).length;
    expect(await extractBatch(parts)).toBe(12);
    const receipts = (await writer.receipts()).slice(before);
    expect(receipts.map(({ accepted }) => accepted)).toEqual(
      rows.map((row) => row.lic_item !== ''),
    );
    expect(receipts[0]).toMatchObject({
      reason: 'VALIDATION_FAILED',
      findings: [{ field: 'licence.lic_item', code: 'REQUIRED' }],
    });
    expect(receipts[0]?.message_zh).not.toBe('');
    expect(receipts[0]?.message_en).not.toBe('');
  });

  it('R50 tells what a column can not say, by its name, once', async () => {
    const licence = validLicence({}, { number: 20 });
    const strange = [
      [{ lic_state: 'PERHAPS' }, 'licence.lic_state', 'CODE_UNKNOWN'],
      [{ operation: 'MERGE' }, 'envelope.operation', 'CODE_UNKNOWN'],
      [{ changes: [{ alt_item: '名称', no_such: 1 }] }, 'licence.changes', 'COLUMN_VALUE'],
      [{ source_org: '11330000002482030Y' }, 'envelope.source_org', 'NOT_THE_AUTHORITY'],
      [{ source_time: 'infinity' }, 'envelope.source_time', 'REQUIRED'],
      [{ val_from: 'infinity' }, 'licence.val_from', 'DATE_FORMAT'],
      [{ message_id: '' }, 'envelope.message_id', 'REQUIRED'],
    ] as const;
    const ids = [];
    for (const [more] of strange) ids.push(await insert(licence, more));
    await extractBatch(parts);
    for (const [index, [, field, code]] of strange.entries()) {
      const receipt = await receiptFor(licence, ids[index]!);
      expect(receipt?.accepted).toBe(false);
      const about = receipt?.findings.filter((one) => one.field === field);
      expect(about?.map((one) => one.code)).toEqual([code]);
      expect(about?.[0]?.zh).not.toBe('');
      expect(about?.[0]?.en).not.toBe('');
    }
  });

  it('R51 VR10 a code means what the code list says, whatever number the contract gave the value', async () => {
    const licence = validLicence({}, { number: 25 });
    const id = await insert(licence, {
      counterpart_type: '01',
      lic_category: '06',
      lic_category_note: '临时许可',
      lic_state: '2',
      end_kind: '9',
      end_date: '2019-12-19',
    });
    const penalty = validPenalty({}, { number: 25 });
    const about = await insert(penalty, { state: '2' });
    await extractBatch(parts);
    const bodies = [];
    for (const [record, row] of [
      [licence, id],
      [penalty, about],
    ] as const) {
      const receipt = await receiptFor(record, row);
      expect(receipt?.accepted).toBe(true);
      const message = await messageOf(receipt!.message_id);
      bodies.push(fromBinary(RecordSchema, message!.payload).body.value);
    }
    expect(bodies).toMatchObject([
      {
        counterpartType: CounterpartType.NATURAL_PERSON,
        licCategory: LicenceCategory.OTHER,
        licState: LicenceState.INVALID,
        endKind: LicenceEndKind.OTHER,
      },
      { state: PenaltyState.ANNULLED },
    ]);
  });

  it('R50 a row written again changes nothing, a correction is a new row with a higher version', async () => {
    const licence = validLicence({}, { number: 30 });
    const first = await insert(licence);
    const again = await insert(licence);
    const higher = await insert(validLicence({ licItem: '冷食类食品制售' }, { number: 30 }), {
      record_version: 2,
    });
    const taken = await insert(licence, {
      operation: 'delete',
      record_version: 3,
      operation_reason: '录入错误',
    });
    await extractBatch(parts);
    const effects = [];
    for (const id of [first, again, higher, taken]) {
      const receipt = await receiptFor(licence, id);
      effects.push([receipt?.accepted, receipt?.effect]);
    }
    expect(effects[1]).toEqual([true, 'STALE']);
    expect(effects.map(([accepted]) => accepted)).toEqual([true, true, true, true]);
    const { rows } = await libraries.knex.raw<{
      rows: { record_version: number; state: number }[];
    }>(`select record_version, state from records where business_key = 'LIC-30'`);
    expect(rows).toEqual([{ record_version: 3, state: 2 }]);
  });

  it('R50 the same message id with the same content is one message, with other content refused', async () => {
    const licence = validLicence({}, { number: 31 });
    const message_id = testMessageId(31, 1);
    const ids = [
      await insert(licence, { message_id }),
      await insert(licence, { message_id }),
      await insert(licence, { message_id, lic_item: '其他' }),
    ];
    await extractBatch(parts);
    const [one, two, three] = (await writer.receipts()).filter(({ row_id: id }) =>
      ids.includes(id),
    );
    expect(one).toMatchObject({ accepted: true, duplicate: false });
    expect(two).toMatchObject({ accepted: true, duplicate: true, receipt_no: one?.receipt_no });
    expect(three).toMatchObject({ accepted: false, reason: 'MESSAGE_ID_REUSED' });
  });

  it('R50 killed between accepting and the receipt, it gives the same receipt and applies nothing twice', async () => {
    const { knex, report } = libraries;
    const licence = validLicence({}, { number: 40 });
    const id = await insert(licence);
    const receiptsBlocked = await heldTransaction(knex);
    await receiptsBlocked.raw('lock table ??.receipts in share mode', [report]);
    const killed = expect(extractBatch(parts)).rejects.toThrow();
    // Accepted and committed; the receipt waits for the lock.
    await eventually(async () => {
      const { rowCount } = await knex.raw<{ rowCount: number }>(
        `select 1 from messages where business_key = 'LIC-40'`,
      );
      expect(rowCount).toBe(1);
    });
    await eventually(async () => {
      const { rows } = await knex.raw<{ rows: { ended: boolean }[] }>(
        `select pg_terminate_backend(a.pid) as ended from pg_stat_activity a
          join pg_locks l using (pid)
         where l.relation = format('%I.receipts', ?::text)::regclass and not l.granted`,
        [report],
      );
      expect(rows).toEqual([{ ended: true }]);
    });
    await killed;
    await receiptsBlocked.rollback();
    expect(await receiptFor(licence, id)).toBeUndefined();
    expect(await extractBatch(parts)).toBe(1);
    const receipt = await receiptFor(licence, id);
    const { rows } = await knex.raw<{ rows: { seq: number }[] }>(
      `select seq from messages where business_key = 'LIC-40'`,
    );
    expect(rows).toHaveLength(1);
    expect(receipt).toMatchObject({
      accepted: true,
      duplicate: true,
      receipt_no: `330000-${rows[0]?.seq}`,
    });
  });

  it('R50 never passes over a row whose transaction commits late', async () => {
    const late = validLicence({}, { number: 50 });
    await writer.run('begin');
    const id = await insert(late);
    const other = await openWriter(libraries.knex, libraries.report, '11330000002482030Y');
    const penalty = rowFor(validPenalty({ authorityCode: '11330000002482030Y' }, { number: 50 }));
    await other.insert('penalties', { ...penalty, source_time: SOURCE_TIME });
    expect(await extractBatch(parts)).toBe(1);
    await writer.run('commit');
    expect(await extractBatch(parts)).toBe(1);
    expect(await receiptFor(late, id)).toMatchObject({ accepted: true });
    await other.close();
  });

  it('R50 leaves everything where it is while the node has no room, and one row that must wait', async () => {
    const licence = validLicence({}, { number: 60 });
    const id = await insert(licence);
    backlog.counted(new Map([['100000', 1]]));
    expect(await extractBatch(parts)).toBe(0);
    expect(await pendingCount()).toBe(1);
    backlog.counted(new Map());
    expect(await receiptFor(licence, id)).toBeUndefined();
    const blocked = create(SubmissionResultSchema, {
      outcome: {
        case: 'refusal',
        value: { reason: ErrorReason.BLOCKED_BY_EARLIER, retryAfterMs: 1000n },
      },
    });
    const waiting = { ...parts, takeEach: () => Promise.resolve([blocked]) };
    expect(await extractBatch(waiting)).toBe(0);
    expect(await pendingCount()).toBe(1);
    expect(await extractBatch(parts)).toBe(1);
    expect(await receiptFor(licence, id)).toMatchObject({ accepted: true, duplicate: false });
  });

  it('R50 two processes never take the same row', async () => {
    const ids = [];
    for (let number = 70; number < 75; number += 1)
      ids.push(await insert(validPenalty({}, { number })));
    const taken = await Promise.all([1, 2, 3].map(() => extractBatch(parts)));
    expect(taken.reduce((sum, count) => sum + count, 0)).toBe(5);
    for (const id of ids)
      expect(await receiptFor(validPenalty(), id)).toMatchObject({
        accepted: true,
        duplicate: false,
      });
  });

  it('R50 forgets a row that was deleted before it was taken', async () => {
    const id = await insert(validLicence({}, { number: 80 }));
    await libraries.knex.raw('delete from ??.licences where id = ?', [libraries.report, id]);
    expect(await extractBatch(parts)).toBe(1);
    expect(await pendingCount()).toBe(0);
  });
});
