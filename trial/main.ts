/**
 * `npm run certificates -- DIR role:code …`: a certification authority and certificates for a trial.
 * The authority of a directory is kept, so that more certificates can follow.
 */
import { access, chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { fingerprintOf, issueCertificate, makeAuthority, type Issued } from './certificates.js';

const DAY_MS = 86_400_000;
/** Clocks of two machines are never quite the same. */
const AHEAD_MS = 5 * 60_000;
const AUTHORITY_DAYS = 3650;

interface Options {
  readonly hosts: string;
  readonly days: string;
}

function parseName(text: string): { role: string; code: string } {
  const [, role = '', code = ''] =
    /^(node|registry|department|business|administrator):(.+)$/u.exec(text) ?? [];
  if (role === '')
    throw new Error(`${text} 应为 角色:代码 · should be role:code, such as node:330000`);
  return { role, code };
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Written aside and renamed: a node that watches the files never sees half of one. */
async function write(file: string, text: string, mode: number): Promise<void> {
  await writeFile(`${file}.new`, text, { mode });
  await chmod(`${file}.new`, mode);
  await rename(`${file}.new`, file);
}

async function save(base: string, { cert, key }: Issued): Promise<void> {
  await write(`${base}.key`, key, 0o600);
  await write(`${base}.pem`, cert, 0o644);
}

async function authorityIn(directory: string): Promise<Issued> {
  const base = join(directory, 'ca');
  if (await exists(`${base}.key`))
    return {
      cert: await readFile(`${base}.pem`, 'utf8'),
      key: await readFile(`${base}.key`, 'utf8'),
    };
  const now = Date.now();
  const made = await makeAuthority(
    new Date(now - AHEAD_MS),
    new Date(now + AUTHORITY_DAYS * DAY_MS),
  );
  await save(base, made);
  return made;
}

async function run(directory: string, names: readonly string[], options: Options): Promise<void> {
  const orders = names.map(parseName);
  const days = Number(options.days);
  if (!(days > 0 && days <= AUTHORITY_DAYS)) throw new Error(`--days: 1 … ${AUTHORITY_DAYS}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const authority = await authorityIn(directory);
  process.stdout.write(`签发机构 authority   ${join(directory, 'ca.pem')}\n`);
  const now = Date.now();
  for (const { role, code } of orders) {
    const issued = await issueCertificate(authority, {
      role,
      code,
      // Only a node is called by others.
      hosts: role === 'node' ? options.hosts.split(',').map((host) => host.trim()) : [],
      notBefore: new Date(now - AHEAD_MS),
      notAfter: new Date(now + days * DAY_MS),
    });
    const base = join(directory, `${role}-${encodeURIComponent(code)}`);
    await save(base, issued);
    process.stdout.write(
      `${role}:${code}  ${base}.pem  ${base}.key\n  SHA-256 ${fingerprintOf(issued.cert)}\n`,
    );
  }
}

const program = new Command('certificates')
  .description('试用证书 · certificates for a trial; not for production')
  .argument('<directory>', '存放目录 · where they are kept; its authority is used again')
  .argument('<names...>', '角色:代码 · role:code, such as node:330000 department:330000000M660')
  .option('--hosts <list>', '节点的主机名或地址 · by which nodes are called', 'localhost,127.0.0.1')
  .option('--days <number>', '有效天数 · days that they hold', '90')
  .action(run);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
