/**
 * `npm run access -- …`: who may call this node, and by which token. A token is shown once, on the
 * terminal, and is never an argument of a command.
 */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { Knex } from 'knex';
import { configOfProcess } from '../config.js';
import { runCommand, withCommandStore } from '../node/command-store.js';
import { StartError } from '../node/patience.js';
import { revokeCertificate, revokeToken } from '../storage/access.js';
import {
  describeAll,
  disable,
  issueToken,
  register,
  REGISTERED,
  roleOf,
  rotateToken,
  type NewToken,
} from './principals.js';

interface ReachOptions {
  readonly regions?: string;
  readonly items?: string;
  readonly actsFor?: string;
}

/** Runs a command on the node's database and shows its text. */
function onStore(act: (knex: Knex) => Promise<string>): Promise<void> {
  return runCommand(() => withCommandStore(configOfProcess(), ({ knex }) => act(knex)));
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Everything must be said, never be what is left when a list is empty. */
function allOr(text: string | undefined): string[] | null {
  return text === 'all' ? null : listOf(text);
}

function shown({ id, token, expiresAt }: NewToken): string {
  return [
    `令牌 token ${id}  有效至 until ${expiresAt.toISOString()}`,
    `  ${token}`,
    '  只显示这一次,请存入仅本人可读的文件 · shown this once; keep it in a file that only you can read',
  ].join('\n');
}

/** By its PEM file or its SHA-256. */
async function fingerprint(text: string): Promise<string> {
  const hex = text.replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  const pem = await readFile(text).catch(() => {
    throw new StartError(
      `${text}: 既不是 SHA-256 也不是可读文件 · neither SHA-256 nor a readable file`,
    );
  });
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
}

const program = new Command('access').description('谁可以调用本节点 · who may call this node');

program
  .command('add')
  .description('登记调用方,或修改其范围 · registers a caller, or changes its reach')
  .argument('<role>', REGISTERED.join(' | '))
  .argument('<code>', '单位或系统代码 · code of the organisation or system')
  .option('--regions <list>', '辖区代码,或 all · region codes, or all')
  .option('--items <list>', '许可事项代码,或 all · permit items, or all')
  .option(
    '--acts-for <list>',
    '作为其数据来源单位的机关 · authorities whose data unit it is (VR23)',
  )
  .action((role: string, code: string, options: ReachOptions) =>
    onStore(async (knex) => {
      const reach = {
        regions: allOr(options.regions),
        permitItems: allOr(options.items),
        actsFor: listOf(options.actsFor),
      };
      await register(knex, roleOf(role), code, reach);
      return `${role}:${code} 已登记 · is registered`;
    }),
  );

program
  .command('issue')
  .description('签发令牌 · makes a token')
  .argument('<role>')
  .argument('<code>')
  .option('--days <number>', '有效天数 · days that it holds', '365')
  .action((role: string, code: string, { days }: { days: string }) =>
    onStore(async (knex) => shown(await issueToken(knex, roleOf(role), code, Number(days)))),
  );

program
  .command('rotate')
  .description('换发令牌,旧令牌在重叠期后失效 · a new token; the old ones end after the overlap')
  .argument('<role>')
  .argument('<code>')
  .option('--days <number>', '有效天数 · days that it holds', '365')
  .option('--overlap-hours <number>', '重叠小时 · hours that the old ones still hold', '24')
  .action((role: string, code: string, options: { days: string; overlapHours: string }) =>
    onStore(async (knex) => {
      const overlapHours = Number(options.overlapHours);
      const term = { days: Number(options.days), overlapHours };
      const made = await rotateToken(knex, roleOf(role), code, term);
      return `${shown(made)}\n${made.ending} 个旧令牌将在 ${overlapHours} 小时后失效 · old tokens end in ${overlapHours} h`;
    }),
  );

program
  .command('revoke')
  .description('吊销令牌 · revokes a token')
  .argument('<id>', '令牌编号,见 list · number of the token, as listed')
  .action((id: string) =>
    onStore(async (knex) => {
      if (!/^\d{1,15}$/.test(id) || !(await revokeToken(knex, Number(id))))
        throw new StartError('没有此有效令牌 · there is no such token to revoke');
      return `令牌 ${id} 已吊销 · token ${id} is revoked`;
    }),
  );

program
  .command('revoke-certificate')
  .description('吊销证书 · revokes a certificate')
  .argument('<certificate>', 'PEM 文件或 SHA-256 · PEM file or SHA-256')
  .action((certificate: string) =>
    onStore(async (knex) => {
      const hex = await fingerprint(certificate);
      await revokeCertificate(knex, hex);
      return `证书已吊销 · the certificate is revoked: ${hex}`;
    }),
  );

program
  .command('disable')
  .description('停用调用方及其全部令牌和证书 · shuts a caller out, with all it has')
  .argument('<role>')
  .argument('<code>')
  .action((role: string, code: string) =>
    onStore(async (knex) => {
      await disable(knex, roleOf(role), code);
      return `${role}:${code} 已停用 · is disabled`;
    }),
  );

program
  .command('list')
  .description('调用方、令牌与最近使用时间 · callers, tokens, and when they were last used')
  .action(() => onStore((knex) => describeAll(knex, new Date())));

await program.parseAsync();
