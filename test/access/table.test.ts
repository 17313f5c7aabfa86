import { describe, expect, it } from 'vitest';
import { Health } from '#gen/health/v1/health_pb.js';
import { ServerReflection } from '#gen/grpc/reflection/v1/reflection_pb.js';
import { ServerReflection as ServerReflectionAlpha } from '#gen/grpc/reflection/v1alpha/reflection_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { rpcOf } from '../../server/access/guard.js';
import { requireRole } from '../../server/domain/access/judge.js';
import { anonymous, EVERYTHING, type Role } from '../../server/domain/access/principal.js';
import { ACCESS, grantOf } from '../../server/domain/access/table.js';
import { SERVICES } from '../support/doors.js';

const RPCS = [...SERVICES, Health, ServerReflection, ServerReflectionAlpha]
  .flatMap((service) => service.methods)
  .map(rpcOf);

const EVERYBODY = [
  'SearchScopeEntries',
  'GetScopeEntry',
  'ListScopeEntries',
  'ListPermitItems',
  'GetPermitItem',
  'ResolveScope',
  'GetCatalogVersion',
  'ListCatalogVersions',
  'GetDisclosure',
  'GetCaller',
];
const ENTERPRISES = ['GetEnterprise', 'ListRegistrationEvents', 'SearchEnterprises'];

/** Written down a second time, so that a right can't be given away by a slip in the table. */
const RIGHTS: Readonly<Partial<Record<Role, readonly string[]>>> = {
  nobody: [],
  public: [...EVERYBODY, 'SearchEnterprises'],
  node: [
    ...EVERYBODY,
    ...ENTERPRISES,
    'GetMessage',
    'Deliver',
    'PullMessages',
    'AcknowledgeMessages',
    'Reconcile',
    'WitnessAuditChain',
    'ReportHeldReleases',
  ],
  registry: [
    ...EVERYBODY,
    ...ENTERPRISES,
    'GetMessage',
    'CheckRegistration',
    'SubmitRegistration',
    'BatchSubmitRegistrations',
  ],
  department: [
    ...EVERYBODY,
    ...ENTERPRISES,
    'GetMessage',
    'CheckRecord',
    'SubmitRecord',
    'BatchSubmitRecords',
    'StreamRecords',
    'SetRecordPublicity',
    'ListPackages',
    'GetPackage',
    'AcknowledgePackage',
    'GetExchangeReport',
  ],
  business: [...EVERYBODY, ...ENTERPRISES, 'ListSharedRegistrations'],
};

describe('the table of rights', () => {
  it('has every RPC of the contract, of health and of reflection, and nothing else', () => {
    expect(Object.keys(ACCESS).sort()).toEqual([...RPCS].sort());
  });

  it.each(Object.entries(RIGHTS))('gives the role %s these calls and no others', (role, names) => {
    const given = SERVICES.flatMap((service) => service.methods)
      .filter((method) => grantOf(role as Role, rpcOf(method)) !== undefined)
      .map(({ name }) => name);
    expect(given.sort()).toEqual([...names].sort());
  });

  it('names a field of the request wherever only the own data may be asked for', () => {
    for (const method of SERVICES.flatMap((service) => service.methods)) {
      const row = ACCESS[rpcOf(method)];
      const own = Object.values(row?.may ?? {}).includes('own');
      const field = method.input.fields.find(({ localName }) => localName === row?.names);
      expect([method.name, field !== undefined]).toEqual([method.name, own]);
    }
  });

  it('refuses what is not in it to everybody, also on trial', () => {
    for (const rpc of ['zhengzhao.v1.Exchange/DropEverything', 'toString', '__proto__'])
      for (const role of ['trial', 'administrator', 'node', 'nobody'] as const) {
        const principal = { ...anonymous(role), code: 'x', scope: EVERYTHING };
        const reason = role === 'nobody' ? ErrorReason.UNAUTHENTICATED : ErrorReason.NOT_PERMITTED;
        expect(() => requireRole(principal, rpc)).toThrow(expect.objectContaining({ reason }));
      }
  });
});
