import { createHash } from 'node:crypto';
import type { Channel } from '#gen/zhengzhao/v1/package_pb.js';
import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import { Columns } from './columns.js';
import { queryPrepared, type Db } from './database.js';

/** A package to be written, with its bytes. */
export interface NewPackage {
  readonly packageId: string;
  readonly messageSeq: number;
  readonly uscc: string;
  readonly deptCode: string;
  readonly deptName: string;
  readonly channels: readonly Channel[];
  /** Ids of the routing rows that chose the department. */
  readonly rules: readonly string[];
  readonly recordCount: number;
  readonly content: Uint8Array;
  /** Why it was built, where that is not its registration alone. Unset: it is. */
  readonly note?: string;
  /** Routes that push it, each with a dispatch of its own (R31). Unset: the department fetches. */
  readonly pushedBy?: readonly string[];
}

/** Writes a batch of packages, their first step and a dispatch for each route that pushes them. */
export async function insertPackages(
  db: Db,
  packages: readonly NewPackage[],
  nowMs: number,
): Promise<void> {
  if (packages.length === 0) return;
  const column = new Columns(packages);
  await queryPrepared(
    db,
    'insert into packages',
    `with given as (
       select x.*, to_timestamp(?::double precision / 1000) as at
         from unnest(?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
                     ?::int[], ?::bytea[], ?::bytea[], ?::text[], ?::text[]) with ordinality
           as x(package_id, message_seq, uscc, dept_code, dept_name, channels, rules, record_count,
                sha256, content, note, pushed_by, position)),
     built as (
       insert into packages (package_id, message_seq, uscc, dept_code, dept_name, channels, rules,
              status, record_count, sha256, content, created_at)
       select package_id, message_seq, uscc, dept_code, dept_name, channels::smallint[], rules::text[],
              ${PackageStatus.BUILT}, record_count, sha256, content, at
         from given),
     dispatched as (
       insert into package_dispatches (package_id, route, dept_code, uscc, state, created_at)
       select package_id, route, dept_code, uscc, 1, at
         from given cross join unnest(pushed_by::text[]) as route
        order by position)
     insert into package_steps (package_id, status, at, by, note)
     select package_id, ${PackageStatus.BUILT}, at, 'hub', note from given`,
    [
      nowMs,
      column.text((p) => p.packageId),
      column.int8((p) => p.messageSeq),
      column.text((p) => p.uscc),
      column.text((p) => p.deptCode),
      column.text((p) => p.deptName),
      column.texts((p) => p.channels.map(String)),
      column.texts((p) => p.rules),
      column.int4((p) => p.recordCount),
      column.bytea((p) => createHash('sha256').update(p.content).digest()),
      column.bytea((p) => p.content),
      column.text((p) => p.note ?? ''),
      column.texts((p) => p.pushedBy ?? []),
    ],
  );
}
