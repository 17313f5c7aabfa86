import type { JsonValue } from '@bufbuild/protobuf';
import type { LetGo, LibraryLogin } from '../../server/share/onboard.js';
import { both, UsageError, type Answer } from '../answer.js';
import { addCommand, addGroup, type Call, type Group } from '../command.js';
import { inWords } from '../local.js';
import { codesOf, option } from '../words.js';

interface ReaderOptions {
  readonly items?: string;
  readonly all?: true;
  readonly newPassword?: true;
  readonly remove?: true;
}

interface ReporterOptions {
  readonly newPassword?: true;
  readonly remove?: true;
  readonly prepare?: string;
  readonly print?: true;
}

/** Longest code of a business system, and of an organisation (统一社会信用代码). */
const LONGEST_CODE = 64;
const LONGEST_ORGANISATION = 18;

/**
 * `onboard`: who reads the 共享库 and who writes into the 上报库 of this machine's node, with SQL. A password
 * is shown once, on the terminal, and is never an argument of a command.
 */
export const onboard: Group = (program) => {
  const group = addGroup(program, {
    name: 'onboard',
    zh: '共享库与上报库的账号(在节点所在机器上按 HUB_* 运行)',
    en: 'logins of 共享库 and 上报库 of the node of this machine (HUB_* variables)',
  });
  addCommand<ReaderOptions>(group, {
    name: 'share',
    zh: '业务系统读共享库:建立账号,或修改范围',
    en: 'takes a business system on as reader of the 共享库, or changes what it sees',
    arguments: [
      {
        name: '<code>',
        zh: '业务系统代码,与 ListSharedRegistrations 的 subscriber 相同',
        en: 'code of the business system, as subscriber of ListSharedRegistrations',
      },
    ],
    options: [
      option(
        '--items <list>',
        '只见这些许可事项的企业',
        'sees the enterprises that have, or had, one of these permit items',
      ),
      option('--all', '可见全部企业', 'sees every enterprise'),
      newPasswordOption(),
      removeOption(),
    ],
    local: true,
    run: onboardReader,
  });
  addCommand<ReporterOptions>(group, {
    name: 'report',
    zh: '报送单位写上报库:建立账号;或在另一数据库中建立上报库',
    en: 'takes an organisation on as writer of the 上报库; or makes the library in another database',
    arguments: [{ name: '[code]', zh: '报送单位代码', en: 'code of the sending organisation' }],
    options: [
      newPasswordOption(),
      removeOption(),
      option(
        '--prepare <url>',
        '在业务系统自己的 PostgreSQL(14 及以上)中建立上报库',
        "makes the library in a business system's own PostgreSQL (14 or newer)",
      ),
      option('--print', '只显示建库语句', 'shows the statements only'),
    ],
    local: true,
    run: onboardReporter,
  });
};

function newPasswordOption() {
  return option('--new-password', '换发口令', 'gives a new password to one that is there');
}

function removeOption() {
  return option('--remove', '退出:删除账号和权限', 'lets it go: role and rights are removed');
}

async function onboardReader({ args: [code = ''], options }: Call<ReaderOptions>): Promise<Answer> {
  const items = codesOf(options.items);
  const { all = false, remove = false, newPassword = false } = options;
  requireCode(code, LONGEST_CODE);
  // Seeing everything must be said, never be what is left when a list is empty.
  const scoped = all ? items.length === 0 : items.length > 0;
  if (scoped === remove)
    throw new UsageError(
      '请给出 --items、--all 或 --remove 之一。',
      'Say one of --items, --all and --remove.',
    );
  const server = await import('../../server/share/onboard.js');
  if (remove) {
    return removed(code, await inWords(() => server.removeReader(code)));
  }
  const scope = all ? 'all' : items;
  const login = await inWords(() => server.onboardReader(code, scope, newPassword));
  const { library } = login;
  return {
    json: { code, scope, ...loginJson(login) },
    text: [
      `${code}: ${both(`可读 ${library}`, `may read the schema ${library}`)}`,
      `  范围 scope     ${all ? '全部 everything' : items.join(', ')}`,
      ...loginLines(login),
      `  增量 feed      select * from ${library}.registration_feed where sequence > $1 order by sequence limit 1000`,
      `  通知 notice    listen ${library}`,
      ...attention(login),
    ].join('\n'),
  };
}

async function onboardReporter({
  args: [code = ''],
  options,
}: Call<ReporterOptions>): Promise<Answer> {
  const { prepare, print = false, remove = false, newPassword = false } = options;
  const ways = [code !== '', prepare !== undefined, print].filter(Boolean).length;
  if (ways !== 1)
    throw new UsageError(
      '请给出单位代码、--prepare 或 --print 之一。',
      'Say one of a code, --prepare and --print.',
    );
  const server = await import('../../server/report/onboard.js');
  if (print) return { json: { sql: server.libraryStatements() }, text: server.libraryStatements() };
  if (prepare !== undefined) {
    await inWords(() => server.prepareLibrary(prepare));
    const [zh, en] = [
      '上报库已就绪,请将该地址加入 HUB_REPORT_URLS',
      'the library is ready; add the address to HUB_REPORT_URLS',
    ];
    return { json: { prepared: true }, text: both(zh, en) };
  }
  requireCode(code, LONGEST_ORGANISATION);
  if (remove) {
    return removed(code, await inWords(() => server.removeReporter(code)));
  }
  const login = await inWords(() => server.onboardReporter(code, newPassword));
  const { library, tables } = login;
  return {
    json: { code, tables: [...tables], ...loginJson(login) },
    text: [
      `${code}: ${both(`可写 ${library}`, `may write into the schema ${library}`)}`,
      ...loginLines(login),
      `  表 tables      ${tables.join(', ')}`,
      `  回执 receipts  select * from ${library}.receipts where id > $1 order by id`,
      ...attention(login),
    ].join('\n'),
  };
}

function requireCode(code: string, longest: number): void {
  if (code !== '' && code.length <= longest) return;
  throw new UsageError(
    `代码应为 1 至 ${longest} 个字符。`,
    `A code has 1 to ${longest} characters.`,
  );
}

function removed(code: string, how: LetGo): Answer {
  const told =
    how === 'dropped'
      ? both('账号和权限已删除', 'role and rights are removed.')
      : both(
          '在本数据库的权限已删除;账号在其他数据库(如恢复前的数据库)中仍有权限,予以保留',
          'its rights in this database are removed; the role stays, as another database, such as the one before a restore, gives it rights too.',
        );
  return { json: { removed: code, role: how }, text: `${code}: ${told}` };
}

function loginJson(login: LibraryLogin): Readonly<Record<string, JsonValue>> {
  const { library, role, password, address, openToLogins } = login;
  return { library, role, password: password ?? null, address, openToLogins: [...openToLogins] };
}

function loginLines({ role, password, address }: LibraryLogin): string[] {
  const told =
    password === undefined
      ? '不变 unchanged'
      : `${password}  ${both('只显示这一次', 'shown this once only')}`;
  return [`  账号 role      ${role}`, `  口令 password  ${told}`, `  地址 address   ${address}`];
}

/** What a database administrator has still to run; empty: nothing. */
function attention({ openToLogins }: LibraryLogin): string[] {
  if (openToLogins.length === 0) return [];
  return [
    '  注意 ATTENTION  节点账号无权限制该账号占用节点的锁,请数据库管理员(超级用户)执行:',
    '    The role of the node may not keep this login from the locks of the node. Have a superuser run:',
    ...openToLogins.map((statement) => `    ${statement};`),
  ];
}
