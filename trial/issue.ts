import { access, chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fingerprintOf, issueCertificate, makeAuthority, type Issued } from './certificates.js';

const DAY_MS = 86_400_000;
/** Clocks of two machines are never quite the same. */
const AHEAD_MS = 5 * 60_000;

/** Days that a certificate may hold at most, as its authority does. */
export const LONGEST_DAYS = 3650;

/** What the certificates of one order have in common. */
export interface IssueTerms {
  /** Names and addresses by which nodes are called. */
  readonly hosts: readonly string[];
  readonly days: number;
}

/** A certificate that was made, by its files. */
export interface IssuedFiles {
  readonly role: string;
  readonly code: string;
  readonly certificate: string;
  /** Readable by its owner alone. */
  readonly key: string;
  readonly sha256: string;
}

/**
 * Makes certificates for a trial, and their certification authority when the directory has none yet.
 * The authority is kept, so that more can follow; `authority` is the file of its certificate.
 */
export async function issueInto(
  directory: string,
  orders: readonly { readonly role: string; readonly code: string }[],
  { hosts, days }: IssueTerms,
): Promise<{ readonly authority: string; readonly issued: readonly IssuedFiles[] }> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const authority = await authorityIn(directory);
  const now = Date.now();
  const issued: IssuedFiles[] = [];
  for (const { role, code } of orders) {
    const made = await issueCertificate(authority, {
      role,
      code,
      // Only a node is called by others.
      hosts: role === 'node' ? hosts : [],
      notBefore: new Date(now - AHEAD_MS),
      notAfter: new Date(now + days * DAY_MS),
    });
    const base = join(directory, `${role}-${encodeURIComponent(code)}`);
    await save(base, made);
    const sha256 = fingerprintOf(made.cert);
    issued.push({ role, code, certificate: `${base}.pem`, key: `${base}.key`, sha256 });
  }
  return { authority: join(directory, 'ca.pem'), issued };
}

async function authorityIn(directory: string): Promise<Issued> {
  const base = join(directory, 'ca');
  if (await exists(`${base}.key`))
    return {
      cert: await readFile(`${base}.pem`, 'utf8'),
      key: await readFile(`${base}.key`, 'utf8'),
    };
  const now = Date.now();
  const made = await makeAuthority(new Date(now - AHEAD_MS), new Date(now + LONGEST_DAYS * DAY_MS));
  await save(base, made);
  return made;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function save(base: string, { cert, key }: Issued): Promise<void> {
  await write(`${base}.key`, key, 0o600);
  await write(`${base}.pem`, cert, 0o644);
}

/** Written aside and renamed: a node that watches the files never sees half of one. */
async function write(file: string, text: string, mode: number): Promise<void> {
  await writeFile(`${file}.new`, text, { mode });
  await chmod(`${file}.new`, mode);
  await rename(`${file}.new`, file);
}
