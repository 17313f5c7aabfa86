import type { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import type { GrpcClient } from '../../clients/grpc.js';
import type { Department, ImpliedItem } from '../../demo/plan.js';
import { readEntries, resolve, type CodedScope } from '../../demo/scopes.js';
import { NATIONAL, PROVINCES, type NodeCode, type Province } from '../stage/places.js';
import { DAY } from './calendar.js';

/** Where the enterprises of a province are registered. */
const DISTRICTS: Readonly<Record<Province, { code: string; name: string }>> = {
  '330000': { code: '330902', name: '舟山市定海区' },
  '440000': { code: '440305', name: '深圳市南山区' },
};

const CATERING = '餐饮服务';
const SAMR = '国家市场监督管理总局';

/** What a province's registrar writes into every event. */
export interface Registrar {
  readonly district: { readonly code: string; readonly name: string };
  readonly scope: CodedScope;
}

/** Who registers and who decides in this run, as the nodes' catalogue says. */
export interface Authorities {
  readonly registrars: ReadonlyMap<Province, Registrar>;
  /** Who decides about catering: its market regulation; at the national node 总局. */
  readonly deciders: ReadonlyMap<NodeCode, Department>;
  readonly item: ImpliedItem;
}

type Catalogs = (code: NodeCode) => GrpcClient<typeof ScopeCatalog>;

/** Asks the catalogue of each node. Throws when it knows nobody for catering. */
export async function readAuthorities(catalogs: Catalogs): Promise<Authorities> {
  const registrars = new Map<Province, Registrar>();
  const deciders = new Map<NodeCode, Department>();
  let item: ImpliedItem | undefined;
  for (const province of PROVINCES) {
    const node = { catalog: catalogs(province) };
    const district = DISTRICTS[province];
    const codes = [(await readEntries(node)).get(CATERING) ?? ''];
    const scope = await resolve(node, district.code, codes, DAY);
    item ??= scope.items[0];
    registrars.set(province, { district, scope });
    const [decider] = (await resolve(node, province, codes, DAY)).items[0]?.departments ?? [];
    if (decider) deciders.set(province, decider);
  }
  const { items } = await catalogs(NATIONAL).listPermitItems({ pageSize: 1000 });
  const central = items
    .flatMap(({ licensingAuthorities }) => licensingAuthorities)
    .find(({ orgName }) => orgName === SAMR);
  if (!item || !central) throw new Error('The catalogue knows nobody who decides about catering.');
  deciders.set(NATIONAL, { code: central.orgCode, name: central.orgName });
  return { registrars, deciders, item };
}
