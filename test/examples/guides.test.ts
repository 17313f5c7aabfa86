import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openDatabase } from '../../server/storage/database.js';
import { libraryNames } from '../../server/storage/library-names.js';
import { openWriter } from '../report/report.js';
import { eventually, startTestNode, type TestNode } from '../support/nodes.js';

const execute = promisify(execFile);
const DOCUMENTED = '127.0.0.1:7330';

/** The commands of a guide, in their order. */
async function commandsOf(guide: string): Promise<string[]> {
  const text = await readFile(`docs/${guide}.md`, 'utf8');
  const blocks = [...text.matchAll(/```sh\n([^]*?) *```/g)].map(([, block]) => block ?? '');
  return blocks.flatMap((block) => block.trim().split('\n'));
}

describe('the guides, command by command as they stand', () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await startTestNode({ HUB_REGION: '330000' });
  });
  afterAll(() => node.stop());

  /** The answers to all commands of a guide; `fill` puts in what an earlier answer said. */
  async function answersOf(
    guide: string,
    fill: (command: string, answers: readonly string[]) => string = (command) => command,
  ): Promise<unknown[]> {
    const answers: string[] = [];
    for (const command of await commandsOf(guide)) {
      const local = fill(command, answers).replaceAll(DOCUMENTED, node.address);
      answers.push((await execute('sh', ['-c', `${local} --fail-with-body`])).stdout);
    }
    return answers.map((answer) => JSON.parse(answer) as unknown);
  }

  it('R30 R34 of a registration system register an enterprise, once', async () => {
    const [checked, first, again, held] = await answersOf('registration-system');
    expect(JSON.stringify(checked)).not.toContain('SEVERITY_ERROR');
    const { receiptNo } = (first as { receipt: { receiptNo: string } }).receipt;
    expect(again).toMatchObject({ receipt: { receiptNo, duplicate: true } });
    expect(held).toMatchObject({ enterprise: { uscc: '91330902MA2000019U' } });
  });

  it('of a first look find an entry', async () => {
    const [found] = await answersOf('quick-start');
    expect(JSON.stringify(found)).toContain('餐饮服务');
  });

  it('R13 R26 of a department fetch a package, and publish a licence', async () => {
    const answers = await answersOf('department', (command, [list = '']) => {
      const [, packageId = ''] = /"packageId":"([^"]+)"/.exec(list) ?? [];
      return command.replaceAll('PACKAGE_ID', packageId);
    });
    const [list, fetched, , checked, submitted, shown] = answers;
    expect(list).toMatchObject({ packages: [{ recordCount: 1 }] });
    expect(JSON.stringify(fetched)).toContain('91330902MA2000019U');
    expect(JSON.stringify(checked)).not.toContain('SEVERITY_ERROR');
    expect(submitted).toMatchObject({ receipt: { receiptNo: expect.any(String) as string } });
    expect(shown).toMatchObject({ licences: [{ record: { licence: { licId: 'LIC-1' } } }] });
  });

  it('R47 R50 of a business system read what is shared, write a licence, and read its receipt', async () => {
    const guide = await readFile('docs/business-system.md', 'utf8');
    const blocks = [...guide.matchAll(/```sql\n([^]*?)```/g)].map(([, block]) => block ?? '');
    const { share, report } = libraryNames(node.schema);
    const [feed = '', now = '', write = '', receipts = ''] = blocks
      .flatMap((block) => block.trim().split(/;\n?/))
      .filter((statement) => statement !== '')
      .map((statement) =>
        statement.replace(/\bshare\./, `"${share}".`).replace(/\breport\./, `"${report}".`),
      );
    const knex = openDatabase({ url: inject('databaseUrl'), schema: node.schema, poolSize: 1 });
    const writer = await openWriter(knex, report, '330000000M660');
    try {
      const shared = { uscc: '91330902MA2000019U' };
      for (const read of [feed, now])
        await eventually(async () =>
          expect(await node.sql(read)).toContainEqual(expect.objectContaining(shared)),
        );
      await writer.run(write);
      await eventually(async () =>
        expect(await writer.run(receipts)).toEqual([expect.objectContaining({ accepted: true })]),
      );
    } finally {
      await writer.close();
      await knex.destroy();
    }
  });
});
