import type { MessageInitShape } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import {
  PermitItemRefSchema,
  type RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import type { GrpcClient } from '../../clients/grpc.js';
import { validRegistration, type BuilderOptions } from './builders.js';

/** What a registrar ticks, besides what is always so of the enterprises of the tests. */
export interface Ticks {
  readonly codes: readonly string[];
  /** Unset: in the free-trade zone of 浙江. False: outside of any. */
  readonly zone?: boolean;
}

type Overrides = Omit<
  MessageInitShape<typeof RegistrationEventSchema>,
  'envelope' | '$typeName' | '$unknown'
>;

const OUTSIDE = { ftzFlag: false, ftzName: '', ftzAreaName: '', ftzJudgedBy: '' };

/**
 * The establishment that follows from ticks: text, items, departments and mark as the node's own
 * catalogue resolves them, which is how a registration system makes it (R8, R21, R22, R24).
 */
export async function tickedRegistration(
  catalog: GrpcClient<typeof ScopeCatalog>,
  { codes, zone = true }: Ticks,
  overrides: Overrides = {},
  options: BuilderOptions = {},
): Promise<RegistrationEvent> {
  const base = validRegistration({ ...(!zone && OUTSIDE), ...overrides }, options);
  const scope = await catalog.resolveScope({
    regionCode: base.domDistrict,
    ftz: base.ftzName,
    ftzArea: base.ftzAreaName,
    scopeEntryCodes: [...codes],
    onDate: base.apprDate,
  });
  const items = scope.items.flatMap((item) =>
    item.receivingDepartments.map((department) =>
      create(PermitItemRefSchema, {
        permitItemCode: item.permitItemCode,
        permitItemName: item.permitItemName,
        receivingDeptCode: department.orgCode,
        receivingDeptName: department.orgName,
        scopeEntryCodes: item.scopeEntryCodes,
      }),
    ),
  );
  return {
    ...base,
    scopeEntryCodes: scope.entries.map((entry) => entry.scopeEntryCode),
    opScope: scope.opScope,
    catalogVersion: scope.catalogVersion,
    licenseSeparationFlag: scope.licenseSeparationFlag,
    permitItems: scope.licenseSeparationFlag ? items : [],
  };
}
