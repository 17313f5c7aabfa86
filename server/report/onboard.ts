/**
 * `npm run report:onboard -- CODE`: takes an organisation on as writer of the 上报库 (R50).
 * `--remove` lets it go. `--prepare URL` makes the library in a business system's own PostgreSQL,
 * which the node then reads by HUB_REPORT_URLS; `--print` shows the statements instead.
 */
import { parseArgs } from 'node:util';
import { auditedIn } from '../audit/commands.js';
import { configOfProcess } from '../config.js';
import { addressFor, runCommand, stillOpen, withCommandStore } from '../node/command-store.js';
import { StartError } from '../node/patience.js';
import { openDatabase } from '../storage/database.js';
import { FOREIGN_SCHEMA, prepareForeign } from './foreign.js';
import { REPORT_TABLES, reportSql } from './tables.js';
import { offboardWriter, onboardWriter } from './writers.js';

const USAGE = `用法 usage: npm run report:onboard -- CODE [--new-password] | CODE --remove | --prepare URL | --print
  CODE            报送单位代码 · code of the sending organisation
  --new-password  换发口令 · gives a new password to one that is there
  --remove        退出:删除账号和权限 · lets it go: role and rights are removed
  --prepare URL   在业务系统自己的 PostgreSQL(14 及以上)中建立上报库 · makes the library in another PostgreSQL
  --print         只显示建库语句 · shows the statements only`;

function readArguments(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      remove: { type: 'boolean', default: false },
      'new-password': { type: 'boolean', default: false },
      prepare: { type: 'string' },
      print: { type: 'boolean', default: false },
    },
  });
  const [code = '', ...more] = positionals;
  const ways = [code !== '', values.prepare !== undefined, values.print].filter(Boolean).length;
  if (ways !== 1 || more.length > 0 || code.length > 18) throw new StartError(USAGE);
  return { ...values, code };
}

async function prepare(url: string): Promise<string> {
  const knex = openDatabase({ url, schema: FOREIGN_SCHEMA, poolSize: 1 });
  try {
    await prepareForeign(knex);
  } finally {
    await knex.destroy();
  }
  return `上报库已就绪,请将该地址加入 HUB_REPORT_URLS · the library is ready; add the address to HUB_REPORT_URLS.`;
}

async function onboard(): Promise<string> {
  const order = readArguments(process.argv.slice(2));
  if (order.print) return reportSql(FOREIGN_SCHEMA);
  if (order.prepare !== undefined) return prepare(order.prepare);
  const { code } = order;
  const config = configOfProcess();
  return withCommandStore(config, async ({ knex, url, libraries: { report } }) => {
    const audited = auditedIn(knex, config.node, code);
    if (order.remove) {
      await audited('report.remove', (trx) => offboardWriter(trx, report, code));
      return `${code}: 账号和权限已删除 · role and rights are removed.`;
    }
    const { role, password } = await audited('report.onboard', (trx) =>
      onboardWriter(trx, report, code, order['new-password']),
    );
    return [
      `${code}: 可写 ${report} · may write into the schema ${report}`,
      `  账号 role      ${role}`,
      `  口令 password  ${password ?? '不变 unchanged'}${password ? '  只显示这一次 · shown this once only' : ''}`,
      `  地址 address   ${addressFor(url, role, password)}`,
      `  表 tables      ${REPORT_TABLES.map(({ name }) => `${report}.${name}`).join(', ')}`,
      `  回执 receipts  select * from ${report}.receipts where id > $1 order by id`,
      ...(await stillOpen(knex)),
    ].join('\n');
  });
}

await runCommand(onboard);
