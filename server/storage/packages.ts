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
       select * from unnest(?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::jsonb[],
                            ?::jsonb[], ?::int[], ?::bytea[], ?::bytea[], ?::text[], ?::jsonb[])
         as x(package_id, message_seq, uscc, dept_code, dept_name, channels, rules, record_count,
              sha256, content, note, pushed_by)),
     built as (
       insert into packages (package_id, message_seq, uscc, dept_code, dept_name, channels, rules,
              status, record_count, sha256, content, created_at)
       select package_id, message_seq, uscc, dept_code, dept_name,
              array(select jsonb_array_elements_text(channels)::smallint),
              array(select jsonb_array_elements_text(rules)),
              ?, record_count, sha256, content, to_timestamp(?::double precision / 1000)
         from given
       returning seq, package_id, uscc, dept_code, status, created_at),
     dispatched as (
       insert into package_dispatches (package_id, route, dept_code, uscc, state, created_at)
       select b.package_id, route, b.dept_code, b.uscc, 1, b.created_at
         from built b join given g using (package_id)
              cross join jsonb_array_elements_text(g.pushed_by) as route
        order by b.seq)
     insert into package_steps (package_id, status, at, by, note)
     select package_id, status, created_at, 'hub', note from built join given using (package_id)`,
    [
      column.text((p) => p.packageId),
      column.int8((p) => p.messageSeq),
      column.text((p) => p.uscc),
      column.text((p) => p.deptCode),
      column.text((p) => p.deptName),
      column.jsonb((p) => p.channels),
      column.jsonb((p) => p.rules),
      column.int4((p) => p.recordCount),
      column.bytea((p) => createHash('sha256').update(p.content).digest()),
      column.bytea((p) => p.content),
      column.text((p) => p.note ?? ''),
      column.jsonb((p) => p.pushedBy ?? []),
      PackageStatus.BUILT,
      nowMs,
    ],
  );
}
