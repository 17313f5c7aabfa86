import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Knex } from 'knex';
import { z } from 'zod';
import type { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import {
  PackageStatus,
  PackageStepSchema,
  type DepartmentPackage,
  type PackageStep,
} from '#gen/zhengzhao/v1/package_pb.js';
import type { ServiceMethods } from '../../doors/service.js';
import { notFound } from '../../domain/errors.js';
import {
  advancePackage,
  insertStep,
  listPackages,
  lockPackage,
  stepsOf,
  type StoredPackage,
  type StoredStep,
} from '../../storage/package-store.js';
import type { DataCenterParts } from '../data-center.js';
import { PAGE_SIZES } from '../page-sizes.js';
import { pageSizeOf } from '../page-token.js';
import { cutPage, decodeKey } from './keyset-page.js';
import { describePackage, provenContent } from './package-form.js';
import { RequestCheck } from '../request-check.js';

type PackageMethods = Pick<ServiceMethods<typeof DataCenter>, 'listPackages' | 'getPackage'>;

const PLACE = z.tuple([z.number().int()]);
/** Longest code of an organisation. */
export const CODE_MAX = 18;
const FETCHED = '部门取走 / fetched by the department';

/** A package of a department; NOT_FOUND for any other caller, so that nobody learns of it. */
export async function ownPackage(
  trx: Knex.Transaction,
  packageId: string,
  deptCode: string,
): Promise<StoredPackage> {
  const stored = await lockPackage(trx, packageId, deptCode);
  if (!stored) throw notFound('该部门的此数据包', 'package of this department');
  return stored;
}

/** 数据包 (R26): what a department finds and fetches. */
export function packageMethods(parts: DataCenterParts): PackageMethods {
  const { knex, node } = parts;
  return {
    async listPackages(request) {
      const { receivingDeptCode: deptCode, status } = request;
      const check = new RequestCheck();
      check.text(deptCode, 'receiving_dept_code', CODE_MAX);
      check.pass();
      const list = ['packages', deptCode, status];
      const size = pageSizeOf(request.pageSize, PAGE_SIZES.ListPackages);
      const after = decodeKey(list, request.pageToken, PLACE);
      const rows = await listPackages(knex, { deptCode, status }, after?.[0] ?? 0, size + 1);
      const page = cutPage(rows, size, list, (row) => [row.seq]);
      const packages = page.rows.map((stored) => describePackage(stored, node));
      noteDamaged(packages, parts);
      return { packages, nextPageToken: page.nextPageToken };
    },

    async getPackage({ packageId, receivingDeptCode }) {
      const check = new RequestCheck();
      check.text(packageId, 'package_id', 100);
      check.text(receivingDeptCode, 'receiving_dept_code', CODE_MAX);
      check.pass();
      return knex.transaction(async (trx) => {
        const stored = await ownPackage(trx, packageId, receivingDeptCode);
        const content = provenContent(stored);
        const status = await noteFetch(trx, stored, parts.context().nowMs);
        return {
          package: {
            ...describePackage({ ...stored, status }, node),
            content: stored.content,
            package: content,
            steps: (await stepsOf(trx, packageId)).map(toStep),
          },
        };
      });
    },
  };
}

/** Says in the log which of the listed packages are damaged, by their ids alone. */
function noteDamaged(listed: readonly DepartmentPackage[], { log }: DataCenterParts): void {
  const packageIds = listed.filter((one) => one.schemaVersion === '').map((one) => one.packageId);
  if (packageIds.length > 0)
    log.error(
      { packageIds },
      '数据包已损坏,只列出 / damaged packages are listed, never handed out',
    );
}

function toStep(step: StoredStep): PackageStep {
  return create(PackageStepSchema, { ...step, at: timestampFromDate(step.at) });
}

/** Fetching sends a package that was built or could not be pushed; later the first fetch in each state is noted, no more. */
async function noteFetch(
  trx: Knex.Transaction,
  stored: StoredPackage,
  atMs: number,
): Promise<PackageStatus> {
  const { BUILT, FAILED, SENT } = PackageStatus;
  const status = [BUILT, FAILED].includes(stored.status) ? SENT : stored.status;
  const step = { packageId: stored.packageId, status, atMs, by: stored.deptCode, note: FETCHED };
  if (status !== stored.status) {
    await advancePackage(trx, step, { ...stored, status: step.status });
    return status;
  }
  const known = (await stepsOf(trx, stored.packageId)).some(
    (one) => one.status === status && one.note === FETCHED,
  );
  if (!known) await insertStep(trx, step);
  return status;
}
