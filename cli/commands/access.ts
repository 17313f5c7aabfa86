import type {
  callers,
  NewToken,
  StoredPrincipal,
  StoredToken,
} from '../../server/access/callers.js';
import { both, type Answer } from '../answer.js';
import { addCommand, addGroup, type Call, type Described, type Group } from '../command.js';
import { inWords } from '../local.js';
import { listOf } from '../table.js';
import { codesOf, option, timeOfDate } from '../words.js';

const ROLE: Described = {
  name: '<role>',
  zh: '角色:registry、department、business 或 administrator',
  en: 'role: registry, department, business or administrator',
};
const CODE: Described = {
  name: '<code>',
  zh: '单位或系统代码',
  en: 'code of the organisation or system',
};

interface ReachOptions {
  readonly regions?: string;
  readonly items?: string;
  readonly actsFor?: string;
  readonly enable?: true;
}

interface TermOptions {
  readonly days: string;
  readonly overlapHours?: string;
}

/**
 * `access`: who may call this node, and by which token. A token is shown once, on the terminal, and is
 * never an argument of a command.
 */
export const access: Group = (program) => {
  const group = addGroup(program, {
    name: 'access',
    zh: '谁可以调用本机节点,凭哪个令牌(在节点所在机器上按 HUB_* 运行)',
    en: 'who may call the node of this machine (HUB_* variables), and by which token',
  });
  addCommand<ReachOptions>(group, {
    name: 'add',
    zh: '登记调用方,或修改其范围',
    en: 'registers a caller, or changes its reach',
    arguments: [ROLE, CODE],
    options: [
      option('--regions <list>', '辖区代码,以逗号分隔,或 all', 'region codes, or all'),
      option('--items <list>', '许可事项代码,或 all', 'permit items, or all'),
      option(
        '--acts-for <list>',
        '作为其数据来源单位的机关',
        'authorities whose data unit it is (VR23)',
      ),
      option(
        '--enable',
        '恢复已停用的调用方;旧令牌不恢复',
        'lets a disabled caller in again, without its old tokens',
      ),
    ],
    local: true,
    run: add,
  });
  addCommand<TermOptions>(group, {
    name: 'issue',
    zh: '签发令牌,只显示一次',
    en: 'makes a token, which is shown once',
    arguments: [ROLE, CODE],
    options: [daysOption()],
    local: true,
    run: issue,
  });
  addCommand<TermOptions>(group, {
    name: 'rotate',
    zh: '换发令牌,旧令牌在重叠期后失效',
    en: 'makes a new token; the old ones end after the overlap',
    arguments: [ROLE, CODE],
    options: [
      daysOption(),
      option('--overlap-hours <number>', '重叠小时', 'hours that the old ones still hold').default(
        '24',
      ),
    ],
    local: true,
    run: rotate,
  });
  addCommand<object>(group, {
    name: 'revoke',
    zh: '吊销令牌',
    en: 'revokes a token',
    arguments: [{ name: '<id>', zh: '令牌编号,见 list', en: 'number of the token, as listed' }],
    local: true,
    run: revoke,
  });
  addCommand<object>(group, {
    name: 'revoke-certificate',
    zh: '吊销证书',
    en: 'revokes a certificate',
    arguments: [
      { name: '<certificate>', zh: 'PEM 文件或 SHA-256', en: 'its PEM file or its SHA-256' },
    ],
    local: true,
    run: revokeCertificateOf,
  });
  addCommand<object>(group, {
    name: 'disable',
    zh: '停用调用方及其证书,吊销其全部令牌',
    en: 'shuts a caller out with its certificates, and revokes its tokens',
    arguments: [ROLE, CODE],
    local: true,
    run: shutOut,
  });
  addCommand<object>(group, {
    name: 'list',
    zh: '调用方、令牌与最近使用时间',
    en: 'callers, tokens, and when they were last used',
    local: true,
    run: list,
  });
};

function daysOption() {
  return option('--days <number>', '有效天数', 'days that it holds').default('365');
}

/** Acts in the database of the node that the HUB_* variables describe. */
async function beside<T>(act: (those: typeof callers) => Promise<T>): Promise<T> {
  const server = await import('../../server/access/callers.js');
  return inWords(() => act(server.callers));
}

async function add({ args: [role = '', code = ''], options }: Call<ReachOptions>): Promise<Answer> {
  const reach = {
    regions: allOr(options.regions),
    permitItems: allOr(options.items),
    actsFor: codesOf(options.actsFor),
  };
  await beside((those) => those.add(role, code, reach, options.enable === true));
  return done({ role, code, ...reach }, `${role}:${code} ${both('已登记', 'is registered')}`);
}

async function issue({
  args: [role = '', code = ''],
  options,
}: Call<TermOptions>): Promise<Answer> {
  const made = await beside((those) => those.issue(role, code, Number(options.days)));
  return done(tokenJson(made), tokenText(made));
}

async function rotate({
  args: [role = '', code = ''],
  options,
}: Call<TermOptions>): Promise<Answer> {
  const overlapHours = Number(options.overlapHours);
  const made = await beside((those) =>
    those.rotate(role, code, { days: Number(options.days), overlapHours }),
  );
  const ending = both(
    `${made.ending} 个旧令牌将在 ${overlapHours} 小时后失效`,
    `old tokens end in ${overlapHours} h`,
  );
  return done({ ...tokenJson(made), ending: made.ending }, `${tokenText(made)}\n${ending}`);
}

async function revoke({ args: [id = ''] }: Call<object>): Promise<Answer> {
  await beside((those) => those.revoke(id));
  return done({ revoked: id }, both(`令牌 ${id} 已吊销`, `token ${id} is revoked`));
}

async function revokeCertificateOf({ args: [certificate = ''] }: Call<object>): Promise<Answer> {
  const sha256 = await beside((those) => those.revokeCertificate(certificate));
  return done({ revoked: sha256 }, both('证书已吊销', `the certificate is revoked: ${sha256}`));
}

async function shutOut({ args: [role = '', code = ''] }: Call<object>): Promise<Answer> {
  await beside((those) => those.disable(role, code));
  return done({ disabled: { role, code } }, `${role}:${code} ${both('已停用', 'is disabled')}`);
}

async function list(): Promise<Answer> {
  const registered = await beside((those) => those.list());
  const now = new Date();
  const json = registered.map(({ principal, tokens }) => ({
    ...principalJson(principal),
    tokens: tokens.map((token) => ({
      id: token.id,
      state: stateOf(token, now).name,
      expiresAt: token.expiresAt.toISOString(),
      lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    })),
  }));
  const text = listOf(
    ['调用方 caller', '辖区 regions', '事项 items', '代报 for', '令牌 token', '最近使用 last used'],
    registered.flatMap(({ principal, tokens }) => [
      principalCells(principal),
      ...tokens.map((token) => [
        '',
        '',
        '',
        '',
        `${token.id} ${stateOf(token, now).text}`,
        timeOfDate(token.lastUsedAt),
      ]),
    ]),
  );
  return done(
    { callers: json },
    `${text}\n${both('节点凭证书,无需登记', 'nodes have certificates and need no registration')}`,
  );
}

function done(json: Answer['json'], text: string): Answer {
  return { json, text };
}

function tokenJson({ id, token, expiresAt }: NewToken) {
  return { id, token, expiresAt: expiresAt.toISOString() };
}

function tokenText({ id, token, expiresAt }: NewToken): string {
  return [
    `令牌 token ${id}  有效至 until ${timeOfDate(expiresAt)}`,
    `  ${token}`,
    `  ${both('只显示这一次,请存入仅本人可读的文件', 'shown this once; keep it in a file that only you can read')}`,
  ].join('\n');
}

function principalJson(principal: StoredPrincipal) {
  const { role, code, regions, permitItems, actsFor, disabledAt, lastUsedAt } = principal;
  return {
    role,
    code,
    regions: regions === null ? 'all' : [...regions],
    items: permitItems === null ? 'all' : [...permitItems],
    actsFor: [...actsFor],
    disabledAt: disabledAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}

function principalCells(principal: StoredPrincipal): string[] {
  const { role, code, regions, permitItems, actsFor, disabledAt, lastUsedAt } = principal;
  const codes = (all: readonly string[] | null): string =>
    all === null ? '全部 all' : all.join(',') || '无 none';
  return [
    `${role}:${code}`,
    codes(regions),
    codes(permitItems),
    actsFor.join(','),
    disabledAt ? '已停用 disabled' : '',
    timeOfDate(lastUsedAt),
  ];
}

function stateOf(token: StoredToken, now: Date): { readonly name: string; readonly text: string } {
  if (token.revokedAt) return { name: 'revoked', text: '已吊销 revoked' };
  if (token.expiresAt <= now) return { name: 'expired', text: '已过期 expired' };
  return { name: 'valid', text: `有效至 until ${timeOfDate(token.expiresAt)}` };
}

/** Everything must be said, never be what is left when a list is empty. */
function allOr(text: string | undefined): string[] | null {
  return text === 'all' ? null : codesOf(text);
}
