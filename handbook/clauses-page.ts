import { flows, requirements, type PlanRow } from '../plan/requirements.js';
import { testFilesById } from '../plan/titled-ids.js';
import { MADE, tableOf } from './markdown.js';

/** The plan sentence by sentence: clause, where it is implemented, where it is tested. */
export function clausesPage(): string {
  const tests = testFilesById('test');
  return [
    MADE,
    '# 方案逐条 · The plan, clause by clause',
    '国务院“证照分离”改革数据共享方案(附件18)逐条列出:条款、要求、实现之处、以该编号开头的测试所在文件。`npm run plan` 运行这些测试并逐条判定。',
    'Every sentence of the plan (annex 18): its clause, what it asks for, where that is implemented, and the files with tests whose titles begin with its id. `npm run plan` runs the tests and judges each sentence.',
    '## 要求 · Requirements',
    table(requirements, tests),
    '## 流程 · Flows',
    table(flows, tests),
  ].join('\n\n');
}

function table(rows: readonly PlanRow[], tests: ReadonlyMap<string, readonly string[]>): string {
  const link = (path: string): string => `[${path}](../${path})`;
  return tableOf(
    ['编号 id', '条款 clause', '内容', '实现 implemented in', '测试 tested in'],
    rows.map(({ id, clause, zh, files }) => [
      id,
      clause,
      zh,
      files.map(link).join(', '),
      (tests.get(id) ?? []).map(link).join(', '),
    ]),
  );
}
