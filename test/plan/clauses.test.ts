import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Effect,
  type MessageKind,
  ReformMode,
  RouteOutcome,
  Severity,
} from '#gen/zhengzhao/v1/common_pb.js';
import { CatalogReleaseSchema, PublicInterest } from '#gen/zhengzhao/v1/catalog_pb.js';
import { DeliveryOutcome, DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import { fromBinary } from '@bufbuild/protobuf';
import type { HubClientError } from '../../clients/hub-client-error.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import {
  testUscc,
  validFiling,
  validInspection,
  validLicence,
  validPenalty,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { eventually, startTrio, type Trio } from '../support/nodes.js';

const REGION = '330902';

describe('clauses of the plan, through the doors', () => {
  let trio: Trio;
  beforeAll(async () => {
    trio = await startTrio();
  });
  afterAll(() => trio.stop());

  /** An enterprise that ticks the entries of one item of a reform mode, as ResolveScope tells it. */
  async function enterpriseOfMode(
    number: number,
    reformMode: ReformMode,
  ): Promise<RegistrationEvent> {
    const { catalog } = trio.zhejiang;
    const zone = validRegistration();
    const { items } = await catalog.listPermitItems({ reformMode, pageSize: 1000 });
    for (const item of items) {
      const answer = await catalog.resolveScope({
        regionCode: REGION,
        scopeEntryCodes: item.scopeEntryCodes.slice(0, 1),
        onDate: '2019-12-16',
        ftz: zone.ftzName,
        ftzArea: zone.ftzAreaName,
      });
      const implied = answer.items.filter((one) => one.receivingDepartments.length > 0);
      if (implied.length === 0 || implied.some((one) => one.reformMode !== reformMode)) continue;
      return validRegistration(
        {
          catalogVersion: answer.catalogVersion,
          scopeEntryCodes: answer.entries.map((entry) => entry.scopeEntryCode),
          opScope: answer.opScope,
          licenseSeparationFlag: answer.licenseSeparationFlag,
          permitItems: implied.flatMap((one) =>
            one.receivingDepartments.map((department) => ({
              $typeName: 'zhengzhao.v1.PermitItemRef' as const,
              permitItemCode: one.permitItemCode,
              permitItemName: one.permitItemName,
              receivingDeptCode: department.orgCode,
              receivingDeptName: department.orgName,
              scopeEntryCodes: one.scopeEntryCodes,
            })),
          ),
        },
        { number },
      );
    }
    throw new Error(`no item of mode ${reformMode} alone`);
  }

  /** The one package that a registration led to, with its content. */
  async function packageOf(event: RegistrationEvent) {
    const { zhejiang } = trio;
    const receivingDeptCode = event.permitItems[0]?.receivingDeptCode ?? '';
    const { packages } = await zhejiang.dataCenter.listPackages({ receivingDeptCode });
    const own = packages.find((one) => one.uscc === event.uscc);
    const { package: fetched } = await zhejiang.dataCenter.getPackage({
      packageId: own?.packageId ?? '',
      receivingDeptCode,
    });
    return fetched?.package;
  }

  it.each([
    ['R9 F5 an abolished approval', 101, ReformMode.CANCELLED, 'DEPT-CANCELLED', 0],
    ['R11 R44 F6 an approval that became a filing', 102, ReformMode.FILING, 'DEPT-FILING', 1],
    ['R12 F7 a commitment', 103, ReformMode.COMMITMENT, 'DEPT-COMMITMENT', 0],
    ['R15 F7 an optimised approval', 104, ReformMode.OPTIMISED, 'DEPT-OPTIMISED', 0],
  ] as const)(
    '%s reaches its department by its own rule',
    async (_title, number, mode, rule, filings) => {
      const event = await enterpriseOfMode(number, mode);
      const check = await trio.zhejiang.registration.checkRegistration({ registration: event });
      expect(check.findings.filter((one) => one.severity === Severity.ERROR)).toEqual([]);
      expect(check.destinations.map((one) => one.rule)).toContain(rule);
      await trio.zhejiang.registration.submitRegistration({ registration: event });
      const content = await packageOf(event);
      expect(content?.items.every((item) => item.rule === rule)).toBe(true);
      expect(content?.filings).toHaveLength(filings);
      for (const filing of content?.filings ?? [])
        expect(filing).toMatchObject({
          derived: true,
          uscc: event.uscc,
          filingDate: event.apprDate,
        });
    },
  );

  it('R9 R12 R15 a licence is awaited under modes 3 and 4 only', async () => {
    const { awaitedLicences } = await trio.zhejiang.dataCenter.getExchangeReport({});
    const modes = new Set(awaitedLicences.map((one) => one.reformMode));
    expect(modes).toEqual(new Set([ReformMode.COMMITMENT, ReformMode.OPTIMISED]));
  });

  it('R5 carries five classes of message, and refuses an unknown one', async () => {
    const { zhejiang, national } = trio;
    await zhejiang.registration.submitRegistration({
      registration: validRegistration({ catalogVersion: '2019.12-prov' }, { number: 1 }),
    });
    const { results } = await zhejiang.exchange.batchSubmitRecords({
      records: [
        validLicence({}, { number: 1 }),
        validFiling({}, { number: 1 }),
        validInspection({}, { number: 1 }),
        validPenalty({ publicityTo: '' }, { number: 1 }),
      ],
    });
    expect(results.map((one) => one.outcome.case)).toEqual(Array(4).fill('receipt'));
    await eventually(async () => {
      const shown = await national.dataCenter.getDisclosure({ uscc: testUscc(1) });
      const counts = [shown.licences, shown.filings, shown.inspections, shown.penalties];
      expect(counts.map((one) => one.length)).toEqual([1, 1, 1, 1]);
      expect(shown.registration?.uscc).toBe(testUscc(1));
    });
    const unknown = await national.exchange.deliver({
      fromNode: '330000',
      toNode: '100000',
      deliveries: [
        {
          kind: 77 as MessageKind,
          action: DeliveryAction.CARRY,
          messageId: 'x',
          sourceNode: '330000',
        },
      ],
    });
    expect(unknown.results[0]?.outcome).toBe(DeliveryOutcome.REFUSED);
    const empty = validLicence({}, { number: 2 });
    await expect(
      zhejiang.exchange.submitRecord({ record: { ...empty, body: { case: undefined } } }),
    ).rejects.toMatchObject({ codeName: 'INVALID_ARGUMENT' });
  });

  it('R13 R27 takes a licence from the licensing authority and from nobody else', async () => {
    const { zhejiang } = trio;
    const foreign = validLicence({}, { number: 3, envelope: { sourceOrg: '330000000M999' } });
    await expect(zhejiang.exchange.submitRecord({ record: foreign })).rejects.toMatchObject({
      reason: 'NOT_THE_AUTHORITY',
    });
    const unit = validLicence(
      {},
      { number: 3, envelope: { sourceOrg: '330000000M999', dataSourceOrgCode: '330000000M999' } },
    );
    const { receipt } = await zhejiang.exchange.submitRecord({ record: unit });
    expect(receipt?.effect).toBe(Effect.WAITING);
  });

  it('R14 keeps why an approval is kept with the item', async () => {
    const { national } = trio;
    const { release } = await national.catalog.getCatalogVersion({ includeRelease: true });
    const next = fromBinary(CatalogReleaseSchema, release);
    next.version = '2019.12-reason';
    const item = next.items.find((one) => one.permitItemCode === 'PX-0035');
    item?.publicInterestReasons.push(PublicInterest.PUBLIC_HEALTH);
    const answer = await national.catalog.publishCatalog({
      source: { case: 'release', value: next },
    });
    expect(answer.published).toBe(true);
    const read = await national.catalog.getPermitItem({ permitItemCode: 'PX-0035' });
    expect(read.item?.publicInterestReasons).toEqual([PublicInterest.PUBLIC_HEALTH]);
  });

  it('R19 F10 what another central department reports is sent down, attributed and published', async () => {
    const { national } = trio;
    const ministry = 'TMP-ZY-032';
    const record = validPenalty(
      { publicityTo: '', authorityCode: ministry, authorityName: '中国证券监督管理委员会' },
      {
        number: 1,
        envelope: {
          sourceNode: '100000',
          sourceOrg: ministry,
          messageId: '0000000d-0000-4000-8000-000000000001',
        },
      },
    );
    await national.exchange.submitRecord({ record });
    await eventually(async () => {
      const shown = await national.dataCenter.getDisclosure({ uscc: testUscc(1) });
      expect(shown.penalties.map((one) => one.attributedByNode)).toEqual(['330000', '330000']);
    });
  });

  it('R20 shares with the departments of the national level what concerns their items', async () => {
    const { national } = trio;
    const all = await national.dataCenter.listSharedRegistrations({ subscriber: 'SAMR' });
    const food = await national.dataCenter.listSharedRegistrations({
      subscriber: 'SAMR',
      permitItemCodes: ['PX-0035'],
    });
    const items = (one: (typeof all.registrations)[number]): string[] =>
      one.registration?.permitItems.map((ref) => ref.permitItemCode) ?? [];
    const concerned = all.registrations.filter((one) => items(one).includes('PX-0035'));
    expect(concerned.map((one) => one.registration?.uscc)).toContain(testUscc(1));
    expect(food.registrations).toEqual(concerned);
    expect(food.registrations.length).toBeLessThan(all.registrations.length);
  });

  it('R42 knows the version of the data standard, and refuses one it does not know', async () => {
    const record = validLicence({}, { number: 4, envelope: { schemaVersion: '9.9' } });
    const { acceptable, findings } = await trio.zhejiang.exchange.checkRecord({ record });
    expect(acceptable).toBe(false);
    expect(findings.map((one) => one.code)).toContain('SCHEMA_VERSION_UNKNOWN');
  });

  it.each(['R45 a registration', 'R45 a record', 'R45 a change of the mark'] as const)(
    '%s has this data centre as its first stop, never another system',
    async (title) => {
      const envelope = { sourceNode: '440000' };
      const { registration, exchange } = trio.zhejiang;
      const submitted = {
        'R45 a registration': () =>
          registration.submitRegistration({
            registration: validRegistration(
              { catalogVersion: '2019.12-prov' },
              { number: 45, envelope },
            ),
          }),
        'R45 a record': () =>
          exchange.submitRecord({ record: validLicence({}, { number: 4, envelope }) }),
        'R45 a change of the mark': () =>
          exchange.setRecordPublicity({
            change: validPublicityChange({}, { number: 1, envelope }),
          }),
      };
      const refusal = await submitted[title]().catch((error: unknown) => error);
      expect(refusal).toMatchObject({ codeName: 'INVALID_ARGUMENT' });
      expect((refusal as HubClientError).findings).toContainEqual(
        expect.objectContaining({ rule: 'VR7', field: 'envelope.source_node' }),
      );
    },
  );

  it('R46 the data centre of the level handles what is of its own level', async () => {
    const { zhejiang, national } = trio;
    const record = validInspection(
      {},
      {
        number: 1,
        envelope: { messageId: '0000000e-0000-4000-8000-000000000001', businessKey: 'INSP-46' },
      },
    );
    if (record.body.case === 'inspection') record.body.value.inspId = 'INSP-46';
    const { destinations } = await zhejiang.exchange.checkRecord({ record });
    const sent = destinations.filter((one) => one.outcome === RouteOutcome.SEND);
    expect(sent.map((one) => one.rule)).toEqual(['UP-NAMED', 'PUBLISH-PROVINCIAL']);
    await zhejiang.exchange.submitRecord({ record });
    const here = await zhejiang.dataCenter.getDisclosure({ uscc: testUscc(1) });
    expect(here.inspections.length).toBeGreaterThan(1);
    await eventually(async () => {
      const rows = await national.sql("select naming from records where business_key = 'INSP-46'");
      expect(rows).toEqual([{ naming: 2 }]);
    });
    expect(
      await national.sql(
        `select 1 from deliveries d join messages m on m.seq = d.message_seq
          where m.business_key = 'INSP-46'`,
      ),
    ).toEqual([]);
  });

  it('F1 a province answers from its own copy of the catalogue while the national node is away', async () => {
    const { zhejiang } = trio;
    await trio.national.node.stop();
    const { matches } = await zhejiang.catalog.searchScopeEntries({ query: 'canyin' });
    expect(matches[0]?.entry?.name).toBe('餐饮服务');
    const { items } = await zhejiang.catalog.resolveScope({
      regionCode: REGION,
      scopeEntryCodes: ['PA0015'],
    });
    expect(items.map((one) => one.permitItemCode)).toContain('PX-0035');
  });
});
