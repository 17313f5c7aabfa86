/**
 * 登记系统报送一户企业 · a registration system reports an enterprise:
 *   node register.mjs [address]
 */
import { createGrpcHub, HubClientError } from 'zhengzhao-hub-client';
import { EventType, Operation, timestampFromDate } from 'zhengzhao-hub-client/messages';

const hub = createGrpcHub(process.argv[2] ?? '127.0.0.1:7330', { token: process.env.HUB_TOKEN });

/** 勾选的经营范围:许可事项与接收部门由中心算出 · what was ticked; items and departments follow from it. */
const scope = await hub.scopeCatalog.resolveScope({
  regionCode: '330902',
  ftz: '中国（浙江）自由贸易试验区',
  ftzArea: '舟山岛北部片区',
  scopeEntryCodes: ['PA0001', 'PA0015'],
});

const registration = {
  envelope: {
    // 随业务数据一起保存:没有收到应答时,以同一编号、同一内容再报一次。
    // Kept with the data: whoever gets no answer sends the same id and content again.
    messageId: '5f0c7f64-2b8e-4a57-9d1f-6f5f0f3c8801',
    schemaVersion: '1.0',
    businessKey: 'EXAMPLE-88001',
    recordVersion: 1n,
    operation: Operation.INSERT,
    sourceNode: '330000',
    sourceOrg: 'TMP-330902-90',
    sourceTime: timestampFromDate(new Date('2019-12-16T10:00:00+08:00')),
  },
  eventType: EventType.ESTABLISH,
  pripid: '330902000088001',
  uscc: '91330902MA288001XC',
  entName: '舟山示例餐饮管理有限公司',
  entType: '1130',
  lerep: '示例',
  regCapFen: 50_000_000n,
  regCapCur: '156',
  estDate: '2019-12-16',
  apprDate: '2019-12-16',
  opFrom: '2019-12-16',
  opLongTerm: true,
  regOrg: '330902',
  regOrgName: '舟山市定海区市场监督管理局',
  dom: '中国（浙江）自由贸易试验区舟山市定海区港口路18号',
  domDistrict: '330902',
  industryPhy: 'H',
  industryCo: '6210',
  opScope: scope.opScope,
  scopeEntryCodes: scope.entries.map((entry) => entry.scopeEntryCode),
  catalogVersion: scope.catalogVersion,
  licenseSeparationFlag: scope.licenseSeparationFlag,
  ftzFlag: true,
  ftzJudgedBy: '登记窗口示例',
  ftzName: '中国（浙江）自由贸易试验区',
  ftzAreaName: '舟山岛北部片区',
  permitItems: scope.items.flatMap((item) =>
    item.receivingDepartments.map((department) => ({
      permitItemCode: item.permitItemCode,
      permitItemName: item.permitItemName,
      receivingDeptCode: department.orgCode,
      receivingDeptName: department.orgName,
      scopeEntryCodes: item.scopeEntryCodes,
    })),
  ),
  regState: '1',
};

try {
  const { acceptable, findings, destinations } = await hub.registration.checkRegistration({
    registration,
  });
  console.log(acceptable ? '可受理 acceptable' : '不可受理 not acceptable');
  for (const { field, messageZh, messageEn } of findings)
    console.log(`  ${field}: ${messageZh} · ${messageEn}`);
  for (const { name, code, clause, reasonZh } of destinations)
    console.log(`  → ${name || code || '本节点 this node'} (${clause}) ${reasonZh}`);

  const { receipt } = await hub.registration.submitRegistration({ registration });
  console.log(`回执 receipt ${receipt?.receiptNo} ${receipt?.duplicate ? '重复 repeated' : ''}`);
} catch (error) {
  if (!(error instanceof HubClientError)) throw error;
  console.error(`${error.messageZh} · ${error.messageEn}`);
  for (const { field, messageZh, messageEn } of error.findings)
    console.error(`  ${field}: ${messageZh} · ${messageEn}`);
  process.exitCode = 1;
} finally {
  hub.close();
}
