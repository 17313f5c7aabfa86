import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBinary, fromJsonString } from '@bufbuild/protobuf';
import { unzipSync, strFromU8 } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PackageContentSchema, PackageStatus, ReturnReason } from '#gen/zhengzhao/v1/package_pb.js';
import { createLog } from '../../server/log.js';
import { localFolder } from '../../server/channels/local-folder.js';
import { validRegistration } from '../support/builders.js';
import { eventually } from '../support/nodes.js';
import { openDepartment } from './department.js';
import {
  DEPT,
  drop,
  folderEntry,
  httpEntry,
  openWorkplace,
  startProvince,
  type ChannelEntry,
  type Province,
  type Workplace,
} from './province.js';

const { BUILT, SENT, DEEMED_DELIVERED, RECEIVED, CLAIMED, RETURNED, REASSIGNED, TERMINATED } =
  PackageStatus;
const OTHER = { code: '330900000M660', name: '舟山市市场监督管理局' };

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('the exchange by a folder of a front-end machine', () => {
  let workplace: Workplace;
  let exchange: string;
  let receipts: string;
  let province: Province | undefined;
  beforeEach(async () => {
    workplace = await openWorkplace();
    exchange = join(workplace.directory, 'exchange');
    receipts = join(exchange, 'receipts');
    await mkdir(exchange);
  });
  afterEach(async () => {
    await province?.stop();
    province = undefined;
    await workplace.remove();
  });

  let lines: string[];
  async function start(...entries: readonly ChannelEntry[]): Promise<Province> {
    lines = [];
    const log = createLog('info', '330000', { write: (line) => void lines.push(line) });
    province = await startProvince(await workplace.channels(...entries), {}, log);
    return province;
  }

  async function archives(): Promise<string[]> {
    return (await readdir(exchange)).filter((name) => name.endsWith('.zip'));
  }

  /** A sent package; the folder for receipts is there. */
  async function sent(node: Province, number = 1): Promise<string> {
    await node.register(validRegistration({}, { number }));
    const id = await eventually(async () => {
      const all = await node.packages();
      expect(all.at(-1)?.status).toBe(SENT);
      return all.at(-1)!.packageId;
    });
    await eventually(() => readdir(join(receipts, 'done')));
    return id;
  }

  const kept = (folder: string): Promise<string[]> => readdir(join(receipts, folder));

  it('R32 R26 puts down one archive per package, with data, manifest, counts and digests', async () => {
    const node = await start(folderEntry());
    const id = await sent(node);
    expect(await archives()).toEqual([`${DEPT}_${id}.zip`]);
    const files = unzipSync(await readFile(join(exchange, `${DEPT}_${id}.zip`)));
    expect(Object.keys(files).sort()).toEqual(['manifest.json', 'package.binpb', 'package.json']);
    const binary = files['package.binpb']!;
    const json = files['package.json']!;
    const [listed] = await node.packages();
    expect(JSON.parse(strFromU8(files['manifest.json']!))).toEqual({
      packageId: id,
      sourceNode: '330000',
      receivingDeptCode: DEPT,
      receivingDeptName: listed?.receivingDeptName,
      schemaVersion: '1.0',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      recordCount: 1,
      files: [
        { name: 'package.binpb', bytes: binary.length, sha256: listed?.sha256 },
        { name: 'package.json', bytes: json.length, sha256: sha256(json) },
      ],
    });
    expect(sha256(binary)).toBe(listed?.sha256);
    expect(fromJsonString(PackageContentSchema, strFromU8(json))).toEqual(
      fromBinary(PackageContentSchema, binary),
    );
  });

  it('R32 a reader that looks all the time never sees half an archive', async () => {
    const big = Buffer.alloc(8 * 1024 * 1024, 7);
    let writing = true;
    let seen = 0;
    const reading = (async () => {
      while (writing) {
        for (const name of await archives()) {
          const bytes = await readFile(join(exchange, name));
          expect(bytes.length).toBe(big.length);
          seen += 1;
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const folder = localFolder(exchange);
    for (let round = 0; round < 5; round += 1) await folder.place(`x_${round % 2}.zip`, big);
    writing = false;
    await reading;
    expect(seen).toBeGreaterThan(0);
    expect((await readdir(exchange)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('R33 reads receipts back: every step of the department, from CSV and JSON', async () => {
    const node = await start(folderEntry());
    const id = await sent(node);
    await drop(
      receipts,
      'one.json',
      JSON.stringify({
        packageId: id,
        status: 'DEEMED_DELIVERED',
        receiptNo: 'GJ-1',
        by: '国家平台',
      }),
    );
    await node.reaches(DEEMED_DELIVERED);
    await drop(
      receipts,
      'two.csv',
      `\uFEFFpackageId,status,reason,by,note\r\n${id},RECEIVED,,窗口,\r\n${id},CLAIMED,,窗口,\r\n` +
        `${id},RETURNED,ADDRESS_NOT_OURS,窗口,不在本区\r\n`,
    );
    const returned = await node.reaches(RETURNED);
    expect(returned).toMatchObject({
      platformReceiptNo: 'GJ-1',
      returnReason: ReturnReason.ADDRESS_NOT_OURS,
    });
    const steps = await node.steps(id);
    expect(steps.map((step) => step.status)).toEqual([
      BUILT,
      SENT,
      DEEMED_DELIVERED,
      RECEIVED,
      CLAIMED,
      RETURNED,
    ]);
    await eventually(async () => expect(await kept('done')).toHaveLength(2));
    expect(await kept('rejected')).toEqual([]);
  });

  it('R33 takes a file in which the platform speaks after the department', async () => {
    const node = await start(folderEntry());
    const id = await sent(node);
    await drop(
      receipts,
      'late.json',
      JSON.stringify([
        { packageId: id, status: 'CLAIMED', by: '窗口' },
        { packageId: id, status: 'DEEMED_DELIVERED', receiptNo: 'GJ-9', by: '国家平台' },
      ]),
    );
    expect(await node.reaches(CLAIMED)).toMatchObject({ platformReceiptNo: 'GJ-9' });
    expect((await node.steps(id)).map((step) => step.status)).toContain(DEEMED_DELIVERED);
    await eventually(async () => expect(await kept('done')).toHaveLength(1));
    expect(await kept('rejected')).toEqual([]);
  });

  it('R31 R33 takes the receipt number of each platform by which a package leaves; the first stands', async () => {
    const second = join(workplace.directory, 'second');
    await mkdir(second);
    const node = await start(
      folderEntry(),
      folderEntry({ name: 'multi-cert', channel: 'MULTI_CERT', directory: 'second' }),
    );
    const id = await sent(node);
    const delivered = (receiptNo: string, by: string): string =>
      JSON.stringify({ packageId: id, status: 'DEEMED_DELIVERED', receiptNo, by });
    await drop(receipts, 'one.json', delivered('GJ-1', '国家平台'));
    await node.reaches(DEEMED_DELIVERED);
    const takenFrom = async (state: string) =>
      (await readdir(join(second, 'receipts', state))).filter((name) => name.endsWith('.json'));
    const inbox = join(second, 'receipts');
    await drop(inbox, 'two.json', delivered('DZ-1', '多证合一平台'));
    await eventually(async () => expect(await takenFrom('done')).toHaveLength(1));
    // Read again it changes nothing; the same platform with another number contradicts itself.
    await drop(inbox, 'again.json', delivered('DZ-1', '多证合一平台'));
    await eventually(async () => expect(await takenFrom('done')).toHaveLength(2));
    await drop(inbox, 'other.json', delivered('DZ-2', '多证合一平台'));
    await eventually(async () => expect(await takenFrom('rejected')).toHaveLength(1));
    expect(await node.reaches(DEEMED_DELIVERED)).toMatchObject({ platformReceiptNo: 'GJ-1' });
    const accepted = (await node.steps(id)).filter((step) => step.status === DEEMED_DELIVERED);
    expect(accepted.map(({ by, note }) => [by, note])).toEqual([
      ['国家平台', ''],
      ['多证合一平台', '回执号 / receipt DZ-1'],
    ]);
  });

  it('R33 reassigned by a receipt, a package leaves anew for the other department', async () => {
    const node = await start(folderEntry());
    const id = await sent(node);
    await drop(
      receipts,
      'r.json',
      JSON.stringify([
        {
          packageId: id,
          status: 'REASSIGNED',
          reassignedDeptCode: OTHER.code,
          reassignedDeptName: OTHER.name,
          by: '窗口',
        },
      ]),
    );
    await node.reaches(REASSIGNED);
    await node.reaches(SENT, OTHER.code);
    expect((await archives()).sort()).toEqual(
      [`${DEPT}_${id}.zip`, `${OTHER.code}_${id}-R.zip`].sort(),
    );
    await drop(
      receipts,
      't.json',
      JSON.stringify({
        packageId: `${id}-R`,
        status: 'TERMINATED',
        by: '值班员',
      }),
    );
    await node.reaches(TERMINATED, OTHER.code);
  });

  it('R33 applies a file that comes twice once', async () => {
    const node = await start(folderEntry());
    const id = await sent(node);
    const text = JSON.stringify({ packageId: id, status: 'RECEIVED', by: '窗口' });
    await drop(receipts, 'a.json', text);
    await eventually(async () => expect(await kept('done')).toHaveLength(1));
    await drop(receipts, 'a.json', text);
    await eventually(async () => expect(await kept('done')).toHaveLength(2));
    const steps = await node.steps(id);
    expect(steps.filter((step) => step.status === RECEIVED)).toHaveLength(1);
  });

  it('R33 rejects a faulty file whole, with everything that is wrong with it, and goes on', async () => {
    const node = await start(folderEntry());
    const id = await sent(node);
    await drop(
      receipts,
      'bad.json',
      JSON.stringify([
        { packageId: id, status: 'RECEIVED', by: '窗口' },
        { packageId: id, status: 'BUILT', by: '', colour: 'red' },
      ]),
    );
    await drop(
      receipts,
      'foreign.json',
      JSON.stringify({ packageId: '440000-1-1', status: 'RECEIVED', by: 'x' }),
    );
    const half = '张三13812345678.json';
    await drop(receipts, half, '[{"packageId":');
    await drop(
      receipts,
      'state.json',
      JSON.stringify([
        { packageId: id, status: 'RECEIVED', by: '窗口' },
        { packageId: id, status: 'RETURNED', by: '窗口' },
        { packageId: id, status: 'TERMINATED', by: '窗口' },
        { packageId: id, status: 'CLAIMED', by: '窗口' },
      ]),
    );
    await eventually(async () => expect(await kept('rejected')).toHaveLength(8));
    await node.reaches(SENT);
    const findings = async (name: string): Promise<string> => {
      const file = (await kept('rejected')).find((one) => one.endsWith(`_${name}.findings.txt`));
      return readFile(join(receipts, 'rejected', file!), 'utf8');
    };
    const bad = (await findings('bad.json')).trimEnd().split('\n');
    expect(bad).toHaveLength(3);
    for (const line of bad) expect(line).toMatch(/^第 2 条 · receipt 2: .*\p{Script=Han}.* · /u);
    expect(bad.join()).toMatch(/status.*by.*colour/s);
    expect(await findings('foreign.json')).toContain('packageId');
    expect(await findings(half)).toContain('UTF-8');
    // The log leads to each by the moment, and repeats nothing that others wrote.
    const rejected = lines.filter((line) => line.includes('回执被拒收'));
    expect(rejected).toHaveLength(4);
    expect(rejected.join()).not.toMatch(/张三|13812345678|窗口/);
    const files = await kept('rejected');
    for (const line of rejected) {
      const { file } = JSON.parse(line) as { file: string };
      expect(files.some((name) => name.startsWith(`${file}_`))).toBe(true);
    }
    expect(await findings('state.json')).toMatch(/receipt 2: return_reason.*receipt 4: /s);

    await drop(
      receipts,
      'good.json',
      JSON.stringify({ packageId: id, status: 'RECEIVED', by: '窗口' }),
    );
    await node.reaches(RECEIVED);
    expect(await kept('done')).toHaveLength(1);
  });

  it('R33 what passes by itself is no fault of a file: it is read again', async () => {
    const node = await start(folderEntry());
    const id = await sent(node);
    await node.sql('create sequence tried');
    await node.sql(`
      create function fail() returns trigger language plpgsql as
        $$ begin
          if new.action = 'package.acknowledge' then
            perform nextval('tried');
            raise exception 'no audit';
          end if;
          return new;
        end $$`);
    await node.sql(
      'create trigger fail before insert on audit_entries for each row execute function fail()',
    );
    const by = '窗口';
    await drop(receipts, 'one.json', JSON.stringify({ packageId: id, status: 'RECEIVED', by }));
    await eventually(async () => {
      expect(await node.sql('select is_called from tried')).toEqual([{ is_called: true }]);
    });
    await node.sql('drop trigger fail on audit_entries');
    await eventually(async () => expect(await kept('done')).toHaveLength(1));
    await node.reaches(RECEIVED);
    expect(await kept('rejected')).toEqual([]);
  });

  it('R33 records a whole file as one link of the audit', async () => {
    const node = await start(folderEntry());
    const ids = [await sent(node, 1), await sent(node, 2)];
    const reports = ids.map((packageId) => ({ packageId, status: 'RECEIVED', by: '窗口' }));
    await drop(receipts, 'two.json', JSON.stringify(reports));
    await eventually(async () => expect(await kept('done')).toHaveLength(1));
    const links = await node.sql(
      `select count(*)::int as entries from audit_entries
        where action = 'package.acknowledge' group by link`,
    );
    expect(links).toEqual([{ entries: 2 }]);
  });

  it('R33 leaves a file alone that is still being written', async () => {
    const node = await start(folderEntry());
    const id = await sent(node);
    await writeFile(join(receipts, 'slow.csv'), `packageId,status,by\n${id},RECEIVED,`);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await kept('rejected')).toEqual([]);
    await writeFile(join(receipts, 'slow.csv'), `packageId,status,by\n${id},RECEIVED,窗口\n`);
    await node.reaches(RECEIVED);
  });

  it('R33 a folder that is not there is waited for and never made', async () => {
    const node = await start(folderEntry({ directory: 'mounted' }));
    await node.register(validRegistration());
    await eventually(async () => {
      const rows = await node.sql<{ last_error: string }>(
        'select last_error from package_dispatches',
      );
      expect(rows[0]?.last_error).toContain('ENOENT');
    });
    expect(await readdir(workplace.directory)).not.toContain('mounted');
    await mkdir(join(workplace.directory, 'mounted'));
    await node.reaches(SENT);
  });

  it('R31 R10 leaves by two channels at once and can be fetched besides', async () => {
    const platform = await openDepartment();
    try {
      const node = await start(folderEntry({ channel: 'DUAL_NOTICE' }), httpEntry(platform.url), {
        name: 'window',
        kind: 'pull',
        channel: 'MULTI_CERT',
        departments: ['*'],
      });
      await node.register(validRegistration());
      const one = await node.reaches(DEEMED_DELIVERED);
      await eventually(async () => expect(await archives()).toHaveLength(1));
      expect(platform.arrived).toHaveLength(1);
      expect(one.channels).toEqual([3, 1, 2]);
      const { package: fetched } = await node.dataCenter.getPackage({
        packageId: one.packageId,
        receivingDeptCode: DEPT,
      });
      expect(fetched?.status).toBe(DEEMED_DELIVERED);
      expect(new Set((await node.steps(one.packageId)).map((step) => step.by))).toEqual(
        new Set(['hub', 'front-end', 'national-exchange', DEPT]),
      );
    } finally {
      await platform.close();
    }
  });

  it('F22 a return teaches: it shows as a defect of the mapping, for the catalogue’s owner', async () => {
    const node = await start(folderEntry());
    const ids = [await sent(node, 1), await sent(node, 2), await sent(node, 3)];
    const returned = (packageId: string, reason: string) => ({
      packageId,
      status: 'RETURNED',
      reason,
      by: '窗口',
    });
    const text = JSON.stringify([
      returned(ids[0]!, 'SCOPE_NOT_OURS'),
      returned(ids[1]!, 'SCOPE_NOT_OURS'),
      returned(ids[2]!, 'NO_SUCH_ITEM_IN_SCOPE'),
    ]);
    await drop(receipts, 'r.json', text);
    await drop(receipts, 'again.json', text);
    await eventually(async () => expect(await kept('done')).toHaveLength(2));
    const { mappingDefects } = await node.dataCenter.getExchangeReport({});
    expect(mappingDefects).toMatchObject([
      {
        permitItemCode: 'PX-0035',
        permitItemName: expect.stringContaining('食品经营许可'),
        scopeEntryCodes: ['PA0015'],
        receivingDeptCode: DEPT,
        returnReason: ReturnReason.SCOPE_NOT_OURS,
        count: 2n,
        examplePackageIds: [ids[1], ids[0]],
        ownerNode: '100000',
      },
      { returnReason: ReturnReason.NO_SUCH_ITEM_IN_SCOPE, count: 1n, examplePackageIds: [ids[2]] },
    ]);
    const before = await node.dataCenter.getExchangeReport({
      fromDate: '2020-01-01',
      toDate: '2020-01-02',
    });
    expect(before.mappingDefects).toEqual([]);
  });
});
