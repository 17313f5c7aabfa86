import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toJsonString } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import { RECORD } from '../../server/dictionary/records.js';
import { REGISTRATION } from '../../server/dictionary/registration.js';
import {
  AUTHORITY,
  REGISTRY_ORG,
  testUscc,
  validChange,
  validLicence,
  validPenalty,
  validRegistration,
} from '../support/builders.js';
import { hub, hubJson } from '../support/command-line.js';
import { csvOf, filledRow, tableOf, type FilledRow } from '../support/input-files.js';
import { eventually, startTestNode, type TestNode } from '../support/nodes.js';
import { workbookOf, workbookOfSheets } from '../support/workbooks.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };
const BODIES = ['filing', 'inspection', 'penalty', 'licence'];

/** A record as a row that states nothing of its envelope. */
function rowOf({ body }: ReturnType<typeof validLicence>): FilledRow {
  const leftOut = new Set(['envelope', ...BODIES.filter((name) => name !== body.case)]);
  return filledRow({ [body.case ?? '']: body.value }, RECORD, leftOut);
}

interface Told {
  readonly rows: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly resumedBehindRow: number;
  readonly findingsFile: string;
}

interface Timed extends Told {
  readonly sourceTime: string;
  readonly notice?: object;
}

describe('files of records, and runs that are killed', () => {
  let node: TestNode;
  let dir: string;
  beforeAll(async () => {
    node = await startTestNode({ HUB_REGION: '330000' });
    dir = await mkdtemp(join(tmpdir(), 'hub-submit-'));
    await node.registration.submitRegistration({ registration: validRegistration(CATALOGUE) });
  });
  afterAll(async () => {
    await node.stop();
    await rm(dir, { recursive: true, force: true });
  });

  async function write(name: string, content: string | Uint8Array): Promise<string> {
    const file = join(dir, name);
    await writeFile(file, content);
    return file;
  }

  it('R49 takes a workbook whose headings are abbreviations, and tells the class by them', async () => {
    const row = rowOf(validLicence());
    const rename = { lic_id: 'LICID', uscc: 'XK_XDR_SHXYM', decision_date: '许可决定日期' };
    const file = await write('licences.xlsx', workbookOf('许可', tableOf([row], rename)));
    const told = await hubJson<Told>(['submit', file, '--server', node.address]);
    expect(told).toMatchObject({ code: 0, json: { rows: 1, accepted: 1 } });
    const { licences } = await node.dataCenter.getDisclosure({ uscc: testUscc(1) });
    expect(licences[0]?.record?.envelope).toMatchObject({
      businessKey: 'LIC-1',
      sourceOrg: AUTHORITY.code,
    });
  });

  it('R49 takes lines as the contract writes them, amounts in 万元, and refuses a class it can not tell', async () => {
    const contract = toJsonString(
      RecordSchema,
      validLicence({}, { number: 1, envelope: { recordVersion: 2n } }),
    );
    const lines = await write('contract.jsonl', contract);
    expect(await hubJson<Told>(['submit', lines, '--server', node.address])).toMatchObject({
      code: 0,
      json: { accepted: 1 },
    });
    // Without an end of its publicity, which would be over.
    const row = { ...rowOf(validPenalty()), fine_fen: '0.5', publicity_to: undefined };
    const file = await write('penalties.csv', csvOf([row], { fine_fen: 'PENAM' }));
    const told = await hub(['submit', file, '--server', node.address, '--kind', 'penalty']);
    expect([told.code, told.stderr]).toEqual([0, '']);
    const { penalties } = await node.dataCenter.getDisclosure({ uscc: testUscc(1) });
    const body = penalties[0]?.record?.body;
    expect(body?.case === 'penalty' && body.value.fineFen).toBe(500_000n);

    const unclear = await write('unclear.csv', csvOf([{ uscc: testUscc(1) }]));
    const refused = await hub(['submit', unclear, '--server', node.address]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--kind')]);
  });

  it('says which time rows were given that state none, and warns of one that is old', async () => {
    const row = rowOf(validLicence({}, { number: 2 }));
    const file = await write('daily.csv', csvOf([row]));
    const args = ['submit', file, '--server', node.address, '--kind', 'licence'];
    const begun = Date.now();
    const first = await hubJson<Timed>(args);
    expect(first).toMatchObject({ code: 0, json: { accepted: 1, undated: 1 } });
    expect(first.json.notice).toBeUndefined();
    expect(Date.parse(first.json.sourceTime)).toBeGreaterThanOrEqual(begun);

    // Four days later another export has the same name.
    const stateFile = `${file}.hub-state.json`;
    const state = JSON.parse(await readFile(stateFile, 'utf8')) as { sourceTimeMs: number };
    const sourceTimeMs = state.sourceTimeMs - 4 * 86_400_000;
    await writeFile(stateFile, JSON.stringify({ ...state, sourceTimeMs }));
    await write('daily.csv', csvOf([rowOf(validLicence({}, { number: 3 }))]));
    const checked = await hubJson<Timed>([...args, '--dry-run']);
    expect(checked.json).toMatchObject({
      sourceTime: new Date(sourceTimeMs).toISOString(),
      notice: {
        messageZh: expect.stringContaining('新导出') as string,
        messageEn: expect.stringContaining('new export') as string,
      },
    });
    const told = await hub([...args, '--dry-run']);
    expect(told.stdout).toMatch(
      /checked with +\d{4}-\d\d-\d\d[^]*ATTENTION[^]*新导出[^]*new export/,
    );

    // Rows that state their time are given none.
    const dated = csvOf([{ ...row, source_time: '2019-12-20T10:00:00+08:00' }]);
    await write('daily.csv', dated);
    const stated = await hubJson<Timed>([...args, '--dry-run']);
    expect(stated.json).toMatchObject({ rows: 1, undated: 0 });
    expect(stated.json.notice).toBeUndefined();
  });

  it('does not take one sheet of a workbook, or one class, for another when it goes on', async () => {
    const licence = (number: number) => rowOf(validLicence({ licId: `BOOK-${number}` }));
    const book = workbookOfSheets({
      甲: tableOf([licence(1), licence(2)]),
      乙: tableOf([licence(3)]),
    });
    const file = await write('book.xlsx', book);
    const send = async (input: string, ...options: string[]): Promise<Told> =>
      (await hubJson<Told>(['submit', input, '--server', node.address, ...options])).json;
    expect(await send(file)).toMatchObject({ rows: 2, accepted: 2 });
    const second = await send(file, '--sheet', '乙', '--resume');
    expect(second).toMatchObject({ rows: 1, accepted: 1, duplicates: 0, resumedBehindRow: 0 });
    expect(await send(file, '--sheet', '乙', '--resume')).toMatchObject({ resumedBehindRow: 2 });
    // The state is of the other sheet now: what was taken of this one is taken once all the same.
    expect(await send(file, '--resume')).toMatchObject({ accepted: 2, duplicates: 2 });

    const either = await write('either.csv', csvOf([{ uscc: testUscc(1) }]));
    const resumed: number[] = [];
    for (const kind of ['penalty', 'penalty', 'licence'])
      resumed.push((await send(either, '--kind', kind, '--resume')).resumedBehindRow);
    expect(resumed).toEqual([0, 2, 0]);
  });

  it('goes on behind what is settled after a kill, with every row once and every finding once', async () => {
    const count = 600;
    const filled = (number: number) => {
      const { message_id, ...row } = filledRow(
        validRegistration(CATALOGUE, { number: number + 100 }),
        REGISTRATION,
      );
      return message_id === undefined ? {} : row;
    };
    const rows = Array.from({ length: count }, (_, at) => filled(at));
    // A change directly behind its establishment: the order of an enterprise is kept.
    const { message_id, ...change } = filledRow(
      validChange(CATALOGUE, { number: 100 }),
      REGISTRATION,
    );
    const bad = { ...filled(count), uscc: '91' };
    const all = [bad, ...rows.slice(0, 1), change, ...rows.slice(1), { ...bad, pripid: 'other' }];
    expect(message_id).toBeDefined();
    const file = await write('many.csv', csvOf(all));
    const args = ['register', file, '--server', node.address, '--batch', '25'];

    const killed = await hub(args, {
      started: (child) => {
        void eventually(async () => {
          const state = JSON.parse(await readFile(`${file}.hub-state.json`, 'utf8')) as {
            lastRow: number;
          };
          if (state.lastRow < 200) throw new Error('not yet');
        }).then(() => child.kill('SIGKILL'));
      },
    });
    expect(killed.code).toBe('SIGKILL');
    const { json } = await hubJson<Told>([...args, '--resume']);
    expect(json).toMatchObject({ rows: count + 3, accepted: count + 1, refused: 2 });
    expect(json.resumedBehindRow).toBeGreaterThanOrEqual(200);
    // Only what was under way when it was killed is asked again, and answered as taken before.
    expect(json.duplicates).toBeLessThanOrEqual(100);
    const [stored] = await node.sql<{ messages: string }>(
      `select count(*) messages from messages where source_org = '${REGISTRY_ORG}'`,
    );
    expect(Number(stored?.messages)).toBe(count + 1 + 1);
    const findings = (await readFile(json.findingsFile, 'utf8')).trim().split('\r\n').slice(1);
    expect(new Set(findings).size).toBe(findings.length);
    expect(new Set(findings.map((line) => line.split(',')[0]))).toEqual(
      new Set(['2', `${count + 4}`]),
    );

    const again = await hubJson<Told>([...args, '--resume']);
    expect(again.json).toMatchObject({ rows: count + 3, resumedBehindRow: count + 4 });
  });
});
