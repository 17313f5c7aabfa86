/**
 * `npm run share:onboard -- CODE --items PX-0035,PX-0041`: takes a business system on as reader of
 * the 共享库 (R47): role, rights, credentials. `--remove` lets it go.
 */
import { parseArgs } from 'node:util';
import { auditedIn } from '../audit/commands.js';
import { configOfProcess } from '../config.js';
import { addressFor, runCommand, stillOpen, withCommandStore } from '../node/command-store.js';
import { StartError } from '../node/patience.js';
import { offboardSubscriber, onboardSubscriber, type Scope } from './subscribers.js';

const USAGE = `用法 usage: npm run share:onboard -- CODE (--items A,B | --all) [--new-password]
                                 CODE --remove
  CODE            业务系统代码,与 ListSharedRegistrations 的 subscriber 相同 · code of the business system
  --items A,B     只见这些许可事项的企业 · sees the enterprises that have, or had, one of these permit items
  --all           可见全部企业 · sees every enterprise
  --new-password  换发口令 · gives a new password to one that is there
  --remove        退出:删除账号和权限 · lets it go: role and rights are removed`;

interface Order {
  readonly code: string;
  readonly scope: Scope;
  readonly remove: boolean;
  readonly renewPassword: boolean;
}

function readOrder(args: readonly string[]): Order {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      items: { type: 'string' },
      all: { type: 'boolean', default: false },
      remove: { type: 'boolean', default: false },
      'new-password': { type: 'boolean', default: false },
    },
  });
  const [code = '', ...more] = positionals;
  const items = (values.items ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  // Seeing everything must be said, never be what is left when a list is empty.
  const scoped = values.all ? items.length === 0 : items.length > 0;
  if (code === '' || code.length > 64 || more.length > 0 || scoped === values.remove)
    throw new StartError(USAGE);
  const scope = values.all ? 'all' : items;
  return { code, scope, remove: values.remove, renewPassword: values['new-password'] };
}

async function onboard(): Promise<string> {
  const { code, scope, remove, renewPassword } = readOrder(process.argv.slice(2));
  const config = configOfProcess();
  return withCommandStore(config, async ({ knex, url, libraries: { share } }) => {
    const audited = auditedIn(knex, config.node, code);
    if (remove) {
      await audited('share.remove', (trx) => offboardSubscriber(trx, share, code));
      return `${code}: 账号和权限已删除 · role and rights are removed.`;
    }
    const { role, password } = await audited('share.onboard', (trx) =>
      onboardSubscriber(trx, share, code, scope, renewPassword),
    );
    return [
      `${code}: 可读 ${share} · may read the schema ${share}`,
      `  范围 scope     ${scope === 'all' ? '全部 everything' : scope.join(', ')}`,
      `  账号 role      ${role}`,
      `  口令 password  ${password ?? '不变 unchanged'}${password ? '  只显示这一次 · shown this once only' : ''}`,
      `  地址 address   ${addressFor(url, role, password)}`,
      `  增量 feed      select * from ${share}.registration_feed where sequence > $1 order by sequence limit 1000`,
      `  通知 notice    listen ${share}`,
      ...(await stillOpen(knex)),
    ].join('\n');
  });
}

await runCommand(onboard);
