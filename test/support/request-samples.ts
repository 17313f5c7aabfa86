import { createHash } from 'node:crypto';
import { create, toBinary, type DescMethod, type Message } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { CatalogReleaseSchema } from '#gen/zhengzhao/v1/catalog_pb.js';
import { MessageKind, NamingState } from '#gen/zhengzhao/v1/common_pb.js';
import { DeliveryAction, DeliveryOutcome } from '#gen/zhengzhao/v1/exchange_pb.js';
import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import { RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import {
  BUILDER_NOW_MS,
  testUscc,
  validChange,
  validFiling,
  validInspection,
  validLicence,
  validPenalty,
  validPublicityChange,
  validRegistration,
} from './builders.js';
import { ZHEJIANG_MARKET_REGULATION } from './catalog.js';

const VERSION = { catalogVersion: '2019.12-prov' };
const DEPARTMENT = { receivingDeptCode: ZHEJIANG_MARKET_REGULATION.code };
const DAYS = { fromDate: '2019-12-01', toDate: '2019-12-20' };

function delivery() {
  const record = validLicence({}, { envelope: { sourceNode: '100000' } });
  const payload = toBinary(RecordSchema, record);
  return {
    messageId: record.envelope?.messageId ?? '',
    sourceNode: '100000',
    kind: MessageKind.LICENCE,
    action: DeliveryAction.CARRY,
    payload,
    digest: createHash('sha256').update(payload).digest(),
    attribution: {
      state: NamingState.NAMED,
      uscc: testUscc(1),
      node: '100000',
      method: 'USCC_AND_NAME',
      attributedAt: timestampFromMs(BUILDER_NOW_MS),
    },
    hops: [{ node: '100000', acceptedAt: timestampFromMs(BUILDER_NOW_MS) }],
  };
}

/** Requests that node 330000 understands, by RPC: what bad input is made from, one place at a time. */
const SAMPLES: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  SearchScopeEntries: [{ query: '餐饮', industryCode: '62', onDate: '2019-12-20', pageSize: 3 }],
  GetScopeEntry: [{ scopeEntryCode: 'PA0015', onDate: '2019-12-20' }],
  ListScopeEntries: [{ onDate: '2019-12-20', changedSinceVersion: '', pageSize: 3 }],
  ListPermitItems: [{ onDate: '2019-12-20', pageSize: 3 }],
  GetPermitItem: [{ permitItemCode: 'PX-0035', onDate: '2019-12-20' }],
  ResolveScope: [
    {
      regionCode: '330902',
      ftz: 'FTZ-33',
      ftzArea: '舟山离岛片区',
      scopeEntryCodes: ['PA0015'],
      onDate: '2019-12-20',
    },
  ],
  GetCatalogVersion: [{ version: '2019.12-prov', layer: '' }],
  ListCatalogVersions: [{ layer: '', pageSize: 3 }],
  CompareReleases: [{ fromVersion: '2019.12-prov', toVersion: '2019.12-prov', pageSize: 3 }],
  ReportHeldReleases: [
    { node: '330000', releases: [{ version: '2019.12-prov', digest: '0'.repeat(64) }] },
  ],
  ListReleaseHolders: [{ pageSize: 3 }],
  PublishCatalog: [
    {
      dryRun: true,
      source: {
        case: 'release',
        value: create(CatalogReleaseSchema, {
          layer: '330000',
          version: '1',
          effectiveFrom: '2020-01-01',
          entries: [{ scopeEntryCode: 'P330001', name: '小餐饮店', keywords: ['小吃'] }],
          items: [{ permitItemCode: 'PX-33-1', name: '小餐饮店登记', licensingAuthorities: [{}] }],
        }),
      },
    },
    { source: { case: 'files', value: { files: [{ name: 'entries.csv' }] } } },
  ],
  CheckRegistration: [{ registration: validChange(VERSION) }],
  SubmitRegistration: [{ registration: validRegistration(VERSION, { number: 70 }) }],
  BatchSubmitRegistrations: [{ registrations: [validRegistration(VERSION, { number: 71 })] }],
  GetEnterprise: [{ uscc: testUscc(1) }],
  ListRegistrationEvents: [{ uscc: testUscc(1), pageSize: 3 }],
  CheckRecord: [
    { record: validPenalty({ validTo: '2022-12-16' }) },
    { record: validInspection({ resultText: '无' }) },
    { record: validFiling() },
  ],
  SubmitRecord: [{ record: validLicence({}, { number: 72 }) }],
  BatchSubmitRecords: [{ records: [validPenalty({}, { number: 73 })] }],
  StreamRecords: [
    validLicence({}, { number: 74 }),
    validFiling({}, { number: 75 }),
    validInspection({}, { number: 76 }),
    validPenalty({}, { number: 77 }),
  ].map((record) => ({ records: [record] })),
  SetRecordPublicity: [{ change: validPublicityChange() }],
  Deliver: [
    { fromNode: '100000', toNode: '330000', deliveries: [delivery()] },
    {
      fromNode: '100000',
      toNode: '330000',
      deliveries: [
        {
          ...delivery(),
          action: DeliveryAction.WITHDRAW,
          record: {
            kind: MessageKind.LICENCE,
            ownerOrg: ZHEJIANG_MARKET_REGULATION.code,
            businessKey: 'LIC-1',
          },
        },
      ],
    },
  ],
  AcknowledgeMessages: [
    {
      node: '100000',
      acknowledgements: [
        { deliveryId: '1', result: { outcome: DeliveryOutcome.REFUSED, refusal: { reason: 1 } } },
      ],
    },
  ],
  GetMessage: [{ messageId: 'x', sourceNode: '330000', localOnly: true, askedNodes: ['440000'] }],
  ListDeliveries: [{ destination: '100000', messageId: 'x', pageSize: 3 }],
  RetryDeliveries: [
    {
      deliveryIds: ['1'],
      destination: '100000',
      limit: 1,
      requestedBy: '值班员',
      reason: '已修复',
    },
  ],
  GetDisclosure: [{ uscc: testUscc(1) }],
  SearchEnterprises: [{ query: '千岛', pageSize: 3 }],
  ListSharedRegistrations: [{ subscriber: '业务系统', permitItemCodes: ['PX-0035'], pageSize: 3 }],
  ListPackages: [{ ...DEPARTMENT, pageSize: 3 }],
  GetPackage: [{ ...DEPARTMENT, packageId: 'x' }],
  AcknowledgePackage: [
    {
      ...DEPARTMENT,
      packageId: 'x',
      status: PackageStatus.RECEIVED,
      platformReceiptNo: '1',
      by: '值班员',
      note: '备注',
    },
  ],
  ListUnattributed: [{ pageSize: 3 }],
  ResolveUnattributed: [
    {
      messageId: 'x',
      sourceNode: '330000',
      resolution: { case: 'attributeToUscc', value: testUscc(1) },
      resolvedBy: '值班员',
    },
  ],
  Reconcile: [{ peerNode: '100000', ...DAYS, includeIds: true, pageSize: 3 }],
  GetExchangeReport: [{ ...DAYS, ...DEPARTMENT, pageSize: 3 }],
  GetNodeStatus: [{}],
  GetCaller: [{}],
  GetHistory: [{}],
  ListAuditEntries: [
    { messageId: 'x', actor: '值班员', from: timestampFromMs(BUILDER_NOW_MS), pageSize: 3 },
  ],
  WitnessAuditChain: [{ node: '330000', after: 1n, links: [{ atMs: 1n }] }],
};

/** The samples of an RPC; every unary one has some. */
export function samplesOf(method: DescMethod): Message[] {
  const samples = SAMPLES[method.name];
  if (!samples) throw new Error(`no sample request for ${method.name}`);
  return samples.map((sample) => create(method.input, sample));
}
