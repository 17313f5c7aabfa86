import type { Role } from './principal.js';

/** Which data a role may use an RPC for. */
export type DataScope =
  /** 全部: whatever the node holds. */
  | 'any'
  /** 本单位: the request names a party in the row's `names`, and that must be the caller. */
  | 'own'
  /** 本单位报送: messages that the caller itself reports, each judged by itself (reporting.ts). */
  | 'reports'
  /** 辖区: enterprises of its regions and permit items, or told to it; others are NOT_FOUND (sight.ts). */
  | 'region'
  /** 公示: enterprises that this node publishes (sight.ts). */
  | 'published'
  /** 经手: messages that it sent or decided, or that passed through it; others are NOT_FOUND (sight.ts). */
  | 'party';

/** Who may call an RPC. A role that is not named may not. */
export interface AccessRow {
  /** Field of the request with the code of the party that `own` is about. */
  readonly names?: string;
  readonly may: Readonly<Partial<Record<Role, DataScope>>>;
}

const MEMBERS = {
  node: 'any',
  registry: 'any',
  department: 'any',
  business: 'any',
  administrator: 'any',
} as const;
const ANYBODY = { ...MEMBERS, public: 'any' } as const;
const UNGUARDED = { ...ANYBODY, nobody: 'any' } as const;

const READERS = {
  node: 'region',
  registry: 'region',
  department: 'region',
  business: 'region',
  administrator: 'any',
} as const;
const REGISTRARS = { registry: 'reports' } as const;
const AUTHORITIES = { department: 'reports' } as const;
const NODES = { node: 'own' } as const;
const OPERATORS = { administrator: 'any' } as const;

/**
 * 谁可以做什么: role × RPC × data. What is not here can't be called by anybody. The role `trial` may
 * do everything that is here; it exists on loopback only.
 */
export const ACCESS: Readonly<Record<string, AccessRow>> = {
  // 目录: public knowledge (R16, R23); publishing is the node's own decision.
  'zhengzhao.v1.ScopeCatalog/SearchScopeEntries': { may: ANYBODY },
  'zhengzhao.v1.ScopeCatalog/GetScopeEntry': { may: ANYBODY },
  'zhengzhao.v1.ScopeCatalog/ListScopeEntries': { may: ANYBODY },
  'zhengzhao.v1.ScopeCatalog/ListPermitItems': { may: ANYBODY },
  'zhengzhao.v1.ScopeCatalog/GetPermitItem': { may: ANYBODY },
  'zhengzhao.v1.ScopeCatalog/ResolveScope': { may: ANYBODY },
  'zhengzhao.v1.ScopeCatalog/GetCatalogVersion': { may: ANYBODY },
  'zhengzhao.v1.ScopeCatalog/ListCatalogVersions': { may: ANYBODY },
  'zhengzhao.v1.ScopeCatalog/CompareReleases': { may: OPERATORS },
  'zhengzhao.v1.ScopeCatalog/ReportHeldReleases': { names: 'node', may: NODES },
  'zhengzhao.v1.ScopeCatalog/ListReleaseHolders': { may: OPERATORS },
  'zhengzhao.v1.ScopeCatalog/PublishCatalog': { may: OPERATORS },

  // 登记 (R30, R34).
  'zhengzhao.v1.Registration/CheckRegistration': { may: REGISTRARS },
  'zhengzhao.v1.Registration/SubmitRegistration': { may: REGISTRARS },
  'zhengzhao.v1.Registration/BatchSubmitRegistrations': { may: REGISTRARS },
  'zhengzhao.v1.Registration/GetEnterprise': { may: READERS },
  'zhengzhao.v1.Registration/ListRegistrationEvents': { may: READERS },

  // 许可、备案、检查、处罚 and their mark: the deciding authority or its data unit only (VR23, D5).
  'zhengzhao.v1.Exchange/CheckRecord': { may: AUTHORITIES },
  'zhengzhao.v1.Exchange/SubmitRecord': { may: AUTHORITIES },
  'zhengzhao.v1.Exchange/BatchSubmitRecords': { may: AUTHORITIES },
  'zhengzhao.v1.Exchange/StreamRecords': { may: AUTHORITIES },
  'zhengzhao.v1.Exchange/SetRecordPublicity': { may: AUTHORITIES },

  // 节点之间: a node speaks as itself (R18, R52).
  'zhengzhao.v1.Exchange/Deliver': { names: 'fromNode', may: NODES },
  'zhengzhao.v1.Exchange/PullMessages': { names: 'node', may: NODES },
  'zhengzhao.v1.Exchange/AcknowledgeMessages': { names: 'node', may: NODES },
  'zhengzhao.v1.DataCenter/WitnessAuditChain': { names: 'node', may: NODES },
  'zhengzhao.v1.DataCenter/Reconcile': { names: 'peerNode', may: { ...NODES, ...OPERATORS } },

  // 生命线 (A1–A6).
  'zhengzhao.v1.Exchange/GetMessage': {
    may: { node: 'party', registry: 'party', department: 'party', administrator: 'any' },
  },

  // 公示 (R17, R38, R41) and 共享 (R35, R39, R47, R48).
  'zhengzhao.v1.DataCenter/GetDisclosure': { may: ANYBODY },
  'zhengzhao.v1.DataCenter/SearchEnterprises': { may: { ...READERS, public: 'published' } },
  'zhengzhao.v1.DataCenter/ListSharedRegistrations': {
    names: 'subscriber',
    may: { business: 'own', ...OPERATORS },
  },

  // 调用方: everybody is told what the node takes it for.
  'zhengzhao.v1.DataCenter/GetCaller': { may: ANYBODY },

  // 数据包 (R26, R33): fetching counts as having it, so nobody fetches for a department.
  'zhengzhao.v1.DataCenter/ListPackages': {
    names: 'receivingDeptCode',
    may: { department: 'own', ...OPERATORS },
  },
  'zhengzhao.v1.DataCenter/GetPackage': {
    names: 'receivingDeptCode',
    may: { department: 'own' },
  },
  'zhengzhao.v1.DataCenter/AcknowledgePackage': {
    names: 'receivingDeptCode',
    may: { department: 'own', ...OPERATORS },
  },

  // 交换报表: the whole one for operators, a department's own part for that department.
  'zhengzhao.v1.DataCenter/GetExchangeReport': {
    names: 'receivingDeptCode',
    may: { department: 'own', ...OPERATORS },
  },

  // 运维.
  'zhengzhao.v1.Exchange/ListDeliveries': { may: OPERATORS },
  'zhengzhao.v1.Exchange/RetryDeliveries': { may: OPERATORS },
  'zhengzhao.v1.DataCenter/ListUnattributed': { may: OPERATORS },
  'zhengzhao.v1.DataCenter/ResolveUnattributed': { may: OPERATORS },
  'zhengzhao.v1.DataCenter/GetNodeStatus': { may: OPERATORS },
  'zhengzhao.v1.DataCenter/GetHistory': { may: OPERATORS },
  'zhengzhao.v1.DataCenter/ListAuditEntries': { may: OPERATORS },

  // Load balancers ask for health without a name; the contract is for those who use it.
  'grpc.health.v1.Health/Check': { may: UNGUARDED },
  'grpc.health.v1.Health/List': { may: UNGUARDED },
  'grpc.health.v1.Health/Watch': { may: UNGUARDED },
  'grpc.reflection.v1.ServerReflection/ServerReflectionInfo': { may: ANYBODY },
  'grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo': { may: ANYBODY },
};

/** What a role may use an RPC (`package.Service/Method`) for; undefined: nothing. */
export function grantOf(role: Role, rpc: string): DataScope | undefined {
  const row = Object.hasOwn(ACCESS, rpc) ? ACCESS[rpc] : undefined;
  return role === 'trial' ? row && 'any' : row?.may[role];
}

/** Whether anybody at all may make the call, so that who calls need not even be looked up. */
export function isUnguarded(rpc: string): boolean {
  return grantOf('nobody', rpc) !== undefined;
}
