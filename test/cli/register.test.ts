import { chmod, readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REGISTRATION } from '../../server/dictionary/registration.js';
import { REGISTRY_ORG, testName, testUscc, validRegistration } from '../support/builders.js';
import { hub, hubJson } from '../support/command-line.js';
import { csvOf, filledRow, type FilledRow } from '../support/input-files.js';
import { eventually, startTestNode, type TestNode } from '../support/nodes.js';
import { tokenFor } from '../support/tokens.js';

/** What `register --json` answers. */
interface Told {
  readonly rows: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly warned: number;
  readonly resumedBehindRow: number;
  readonly findingsFile: string;
}

/** A row that states nothing of its envelope: number, sender and time follow. */
function row(number: number, changes: FilledRow = {}): FilledRow {
  const message = validRegistration({ catalogVersion: '2019.12-prov' }, { number });
  return { ...filledRow(message, REGISTRATION, new Set(['envelope'])), ...changes };
}

describe('hub register', () => {
  let node: TestNode;
  let dir: string;
  let base: string[];
  beforeAll(async () => {
    node = await startTestNode({ HUB_REGION: '330000' });
    dir = await mkdtemp(join(tmpdir(), 'hub-register-'));
    base = ['--server', node.address, '--source-org', REGISTRY_ORG];
  });
  afterAll(async () => {
    await node.stop();
    await rm(dir, { recursive: true, force: true });
  });

  async function write(name: string, content: string | Buffer): Promise<string> {
    const file = join(dir, name);
    await writeFile(file, content);
    return file;
  }

  async function findingsOf(file: string): Promise<Record<string, string>[]> {
    return parse(await readFile(file), { bom: true, columns: true });
  }

  async function registered(): Promise<number> {
    const [found] = await node.sql<{ count: string }>('select count(*) from messages');
    return Number(found?.count);
  }

  it('R34 takes the good rows of a CSV and says of the bad ones, row by row, what to mend; mended, nothing is taken twice', async () => {
    const bad = row(2, { uscc: `${testUscc(2).slice(0, 17)}X`, ent_type: '', ftz_flag: '也许' });
    const rename = { uscc: '统一社会信用代码', ent_name: 'ENTNAME', reg_cap_fen: '注册资本(万元)' };
    const inWan = (one: FilledRow): FilledRow => ({ ...one, reg_cap_fen: '500.000001' });
    const file = await write('a.csv', csvOf([row(1), bad, row(3)].map(inWan), rename));
    const first = await hubJson<Told>(['register', file, ...base]);
    expect(first).toMatchObject({ code: 1, json: { rows: 3, accepted: 2, refused: 1 } });

    const findings = await findingsOf(first.json.findingsFile);
    const wrong = findings.filter((one) => one['级别 severity'] === 'ERROR');
    expect(new Set(wrong.map((one) => one['行号 row']))).toEqual(new Set(['3']));
    const byColumn = new Map(wrong.map((one) => [one['字段 field'], one]));
    expect(byColumn.get('uscc')).toMatchObject({
      '列 column': '统一社会信用代码',
      '规则 rule': 'VR2',
    });
    expect(byColumn.get('ent_type')?.['规则 rule']).toBe('VR10');
    expect(byColumn.get('ftz_flag')?.['中文说明 zh']).toContain('“是”或“否”');
    for (const one of wrong) expect(one['中文说明 zh'] && one['英文说明 en']).toBeTruthy();

    const { enterprise } = await node.registration.getEnterprise({ uscc: testUscc(1) });
    expect(enterprise?.registration).toMatchObject({
      entName: testName(1),
      regCapFen: 500_000_001n,
      envelope: { businessKey: row(1)['pripid'], sourceNode: '330000', sourceOrg: REGISTRY_ORG },
    });

    await write('a.csv', csvOf([row(1), row(2), row(3)].map(inWan), rename));
    const second = await hubJson<Told>(['register', file, ...base]);
    expect(second).toMatchObject({
      code: 0,
      json: { rows: 3, accepted: 3, duplicates: 2, refused: 0 },
    });
    expect(await registered()).toBe(3);
  });

  it.each([
    { how: 'with --resume', options: ['--resume'], from: 61 },
    { how: 'without', options: [], from: 71 },
  ])(
    'R34 goes on after a kill before the first rows were settled, $how: what was taken is a duplicate',
    async ({ options, from }) => {
      const before = await registered();
      const rows = [from, from + 1, from + 2].map((number) => row(number));
      const file = await write(`killed-${from}.csv`, csvOf(rows));
      // One row is refused for now as often as it comes, so that nothing is settled.
      await node.sql(`
        create or replace function collide() returns trigger language plpgsql as
          $$ begin raise exception 'in the way' using errcode = '40001'; end $$;
        create trigger collide before insert on messages for each row
          when (new.entity = '${testUscc(from + 1)}') execute function collide();`);
      const killed = await hub(['register', file, ...base], {
        started: (child) => {
          void eventually(async () => {
            expect(await registered()).toBe(before + 2);
          }).finally(() => child.kill('SIGKILL'));
        },
      });
      expect(killed.code).toBe('SIGKILL');
      await node.sql('drop trigger collide on messages');
      const told = await hubJson<Told>(['register', file, ...base, ...options]);
      expect(told).toMatchObject({ code: 0, json: { accepted: 3, duplicates: 2, refused: 0 } });
    },
  );

  it('takes dates, flags and encodings as spreadsheets write them, and headings in Chinese', async () => {
    const rename = { est_date: '成立日期', op_long_term: '长期', dom: '住所', pripid: 'PRIPID' };
    const changes = { est_date: '2019/12/16', op_long_term: '是' };
    const text = csvOf([row(11, changes), {}, row(12, changes)], rename);
    const file = await write('gb.csv', gb18030(text));
    const asUtf8 = await hub(['register', file, ...base]);
    expect([asUtf8.code, asUtf8.stderr]).toEqual([
      2,
      expect.stringContaining('--encoding gb18030'),
    ]);
    const told = await hubJson<Told>(['register', file, ...base, '--encoding', 'gb18030']);
    expect(told).toMatchObject({ code: 0, json: { rows: 2, accepted: 2 } });
  });

  it('sends nothing of a file whose headings are wrong, and says everything that is', async () => {
    const before = await registered();
    const rename = { ent_name: '企业名', reg_cap_fen: '注册资本' };
    const file = await write('headings.csv', csvOf([row(21)], rename));
    const { code, stderr } = await hub(['register', file, ...base]);
    expect(code).toBe(2);
    expect(stderr).toContain('“企业名”不是数据项字典中的列名');
    expect(stderr).toContain('注册资本(万元)');
    expect(stderr).toContain('"企业名" is no column');
    const skipped = await hub(['register', file, ...base, '--skip', '企业名', '注册资本']);
    expect(skipped.code).toBe(1);
    expect(await registered()).toBe(before);
  });

  it('checks without sending with --dry-run', async () => {
    const before = await registered();
    const file = await write('dry.csv', csvOf([row(31), row(32, { uscc: '1' })]));
    const told = await hubJson<Told>(['register', file, ...base, '--dry-run']);
    expect(told).toMatchObject({ code: 1, json: { rows: 2, accepted: 1, refused: 1 } });
    expect((await findingsOf(told.json.findingsFile)).length).toBeGreaterThan(0);
    expect(await registered()).toBe(before);
  });

  it('reads NDJSON by columns, and says which line can not be read', async () => {
    const byColumns = { ...row(41), scope_entry_codes: ['PA0001', 'PA0015'], ftz_flag: true };
    const lines = [JSON.stringify(byColumns), 'no json', '', JSON.stringify({ ...row(42), x: 1 })];
    const file = await write('lines.ndjson', lines.join('\n'));
    const findings = join(dir, 'lines.findings.ndjson');
    const told = await hubJson<Told>(['register', file, ...base, '--findings', findings]);
    expect(told).toMatchObject({ code: 1, json: { rows: 3, accepted: 1, refused: 2 } });
    const found = (await readFile(findings, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { row: number; code: string });
    expect(found).toContainEqual(expect.objectContaining({ row: 2, code: 'NOT_JSON' }));
    expect(found).toContainEqual(expect.objectContaining({ row: 4, code: 'UNKNOWN_COLUMN' }));
  });

  it('asks the node who it is and whose the token is that a registration system sends with', async () => {
    const guarded = await startTestNode({ HUB_REGION: '330000', HUB_ANONYMOUS: 'none' });
    try {
      const token = await write('own.token', await tokenFor(guarded, 'registry', REGISTRY_ORG));
      await chmod(token, 0o600);
      const file = await write('own.csv', csvOf([row(61)]));
      const args = ['register', file, '--server', guarded.address, '--token-file', token];
      expect(await hubJson(args)).toMatchObject({ code: 0, json: { accepted: 1 } });
      const [sent] = await guarded.sql('select source_node, source_org from messages');
      expect(sent).toEqual({ source_node: '330000', source_org: REGISTRY_ORG });
    } finally {
      await guarded.stop();
    }
  });

  it('says of a check that nothing was sent', async () => {
    const file = await write('checked.csv', csvOf([row(62), row(63, { ent_type: '' })]));
    const { code, stdout } = await hub(['register', file, '--dry-run', ...base]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^可受理 acceptable +1$/m);
    expect(stdout).toMatch(/^不可受理 not acceptable +1$/m);
    expect(stdout).not.toContain('accepted');
  });

  it('tells wrong usage, a missing file and a node that is not there apart', async () => {
    const file = await write('few.csv', csvOf([row(51)]));
    const missing = await hub(['register', join(dir, 'none.csv'), ...base]);
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('ENOENT')]);
    const away = await hub(['register', file, '--server', '127.0.0.1:1']);
    expect([away.code, away.stderr]).toEqual([
      3,
      expect.stringMatching(/无法连接节点[^]*A node with TLS wants --ca/),
    ]);
    for (const { stderr } of [missing, away]) expect(stderr).not.toContain('    at ');
  });
});

/** The text in GB 18030, by the table that the decoder has. */
function gb18030(text: string): Buffer {
  const decoder = new TextDecoder('gb18030');
  const table = new Map<string, Buffer>();
  for (let high = 0x81; high <= 0xfe; high += 1)
    for (let low = 0x40; low <= 0xfe; low += 1) {
      const bytes = Buffer.from([high, low]);
      table.set(decoder.decode(bytes), bytes);
    }
  return Buffer.concat([...text].map((one) => table.get(one) ?? Buffer.from(one)));
}
