import type { Channel, PackageStatus, ReturnReason } from '#gen/zhengzhao/v1/package_pb.js';
import type { ToldDepartment } from '../domain/registration/enterprise.js';
import { query, type Db } from './database.js';
import { bringBackPackage } from './history-moves.js';

/** A package as stored. */
export interface StoredPackage {
  readonly seq: number;
  readonly packageId: string;
  readonly messageSeq: number;
  readonly registrationMessageId: string;
  readonly uscc: string;
  readonly deptCode: string;
  readonly deptName: string;
  readonly channels: Channel[];
  readonly rules: string[];
  readonly status: PackageStatus;
  readonly recordCount: number;
  readonly sha256: Buffer;
  readonly content: Buffer;
  readonly platformReceiptNo: string;
  readonly returnReason: ReturnReason;
  readonly createdAt: Date;
}

const packagesFrom = (
  table: 'packages' | 'all_packages',
): string => `select p.seq, p.package_id as "packageId", p.message_seq as "messageSeq",
    m.message_id as "registrationMessageId", p.uscc, p.dept_code as "deptCode",
    p.dept_name as "deptName", p.channels, p.rules, p.status, p.record_count as "recordCount",
    p.sha256, p.content, p.platform_receipt_no as "platformReceiptNo",
    p.return_reason as "returnReason", p.created_at as "createdAt"
  from ${table} p join messages m on m.seq = p.message_seq`;

/** Packages of a department after a sequence number, oldest first (R26), of history too. `status` 0: all. */
export async function listPackages(
  db: Db,
  choice: { readonly deptCode: string; readonly status: PackageStatus },
  after: number,
  limit: number,
): Promise<StoredPackage[]> {
  const { rows } = await query<StoredPackage>(
    db,
    `${packagesFrom('all_packages')} where p.dept_code = ? and p.seq > ? and (?::int = 0 or p.status = ?::int)
      order by p.seq limit ?`,
    [choice.deptCode, after, choice.status, choice.status, limit],
  );
  return rows;
}

/**
 * A package of a department, locked until the transaction ends; undefined when it has none such. One
 * from history comes back, as whatever happens to it is written where all packages are.
 */
export async function lockPackage(
  trx: Db,
  packageId: string,
  deptCode: string,
): Promise<StoredPackage | undefined> {
  const stored = await lockHere(trx, packageId, deptCode);
  if (stored) return stored;
  await bringBackPackage(trx, packageId, deptCode);
  // Also when there was nothing to bring back: somebody else may just have done so.
  return lockHere(trx, packageId, deptCode);
}

async function lockHere(
  db: Db,
  packageId: string,
  deptCode: string,
): Promise<StoredPackage | undefined> {
  const { rows } = await query<StoredPackage>(
    db,
    `${packagesFrom('packages')} where p.package_id = ? and p.dept_code = ? for update of p`,
    [packageId, deptCode],
  );
  return rows[0];
}

/** The department that has a package; undefined when there is no such package. */
export async function departmentOf(db: Db, packageId: string): Promise<string | undefined> {
  const { rows } = await query<{ dept_code: string }>(
    db,
    'select dept_code from all_packages where package_id = ?',
    [packageId],
  );
  return rows[0]?.dept_code;
}

/** One thing that happened to a package. */
export interface StoredStep {
  readonly status: PackageStatus;
  readonly at: Date;
  readonly by: string;
  readonly note: string;
}

/** Everything that happened to a package, oldest first. */
export async function stepsOf(db: Db, packageId: string): Promise<StoredStep[]> {
  const { rows } = await query<StoredStep>(
    db,
    'select status, at, by, note from all_package_steps where package_id = ? order by id',
    [packageId],
  );
  return rows;
}

/** A step to be written. */
export interface NewStep {
  readonly packageId: string;
  readonly status: PackageStatus;
  readonly atMs: number;
  readonly by: string;
  readonly note: string;
}

/** Writes a step, and sets the package to the status after it with what came with it. */
export async function advancePackage(
  db: Db,
  step: NewStep,
  after: Pick<StoredPackage, 'status' | 'platformReceiptNo' | 'returnReason'>,
): Promise<void> {
  await query(
    db,
    `update packages set status = ?, platform_receipt_no = ?, return_reason = ? where package_id = ?`,
    [after.status, after.platformReceiptNo, after.returnReason, step.packageId],
  );
  await insertStep(db, step);
}

/** Writes a step that does not change the package. */
export async function insertStep(db: Db, step: NewStep): Promise<void> {
  await query(
    db,
    `insert into package_steps (package_id, status, at, by, note)
     values (?, ?, to_timestamp(?::double precision / 1000), ?, ?)`,
    [step.packageId, step.status, step.atMs, step.by, step.note],
  );
}

/** Who knows an enterprise; empty when it is not held. */
export async function toldDepartments(db: Db, uscc: string): Promise<ToldDepartment[]> {
  const { rows } = await query<{ told: ToldDepartment[] }>(
    db,
    'select told from enterprises where uscc = ?',
    [uscc],
  );
  return rows[0]?.told ?? [];
}

/** Replaces who knows an enterprise; the caller holds the enterprise's lock. */
export async function updateTold(
  db: Db,
  uscc: string,
  told: readonly ToldDepartment[],
): Promise<void> {
  await query(db, 'update enterprises set told = ?::jsonb where uscc = ?', [
    JSON.stringify(told),
    uscc,
  ]);
}
