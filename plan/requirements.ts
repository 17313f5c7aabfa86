/** A sentence of the plan that the hub has to fulfil, or a flow that it has to carry. */
export interface PlanRow {
  readonly id: string;
  /** Section of the plan (附件18). */
  readonly clause: string;
  readonly zh: string;
  /** Where it is implemented: files or folders of this repository. */
  readonly files: readonly string[];
}

function row(id: string, clause: string, zh: string, ...files: string[]): PlanRow {
  return { id, clause, zh, files };
}

/** R1–R55, sentence by sentence. */
export const requirements: readonly PlanRow[] = [
  row('R1', '1', '按编码的经营范围和事项精准推送,不按文本', 'server/domain/routing/table.ts'),
  row('R2', '1', '“国家-省-地市”上下联通', 'server/reference/nodes.ts'),
  row('R3', '2', '四种改革方式,2019-12-01 起', 'proto/zhengzhao/v1/common.proto'),
  row('R4', '2', '全国统一的经营范围规范表述目录', 'server/catalog', 'server/domain/catalog'),
  row('R5', '2', '共享登记、许可、备案、检查、处罚五类信息', 'server/domain/message.ts'),
  row(
    'R6',
    '3.1',
    '逐项明确许可事项对应的经营范围表述',
    'server/domain/catalog/release-check.ts',
    'server/domain/catalog/orphan-check.ts',
  ),
  row(
    'R7',
    '3.1',
    '总局提供查询服务接口',
    'server/services/scope-catalog.ts',
    'server/domain/catalog/release-diff.ts',
  ),
  row('R8', '3.1', '规范化描述:由条目形成经营范围文本', 'server/domain/catalog/scope-text.ts'),
  row('R9', '3.2.1', '直接取消审批:按经营范围推送登记信息', 'server/domain/routing/table.ts'),
  row('R10', '3.2.1', '推送通道可选', 'server/config.ts', 'server/domain/registration/package.ts'),
  row('R11', '3.2.2', '审批改为备案:登记与备案一并推送', 'server/domain/registration/package.ts'),
  row('R12', '3.2.3', '告知承诺:按许可事项推送', 'server/domain/routing/table.ts'),
  row(
    'R13',
    '3.2.3',
    '许可部门将许可信息推送至市场监管部门',
    'server/services/exchange/records.ts',
  ),
  row('R14', '3.2.4', '五类公共利益事项保留审批', 'proto/zhengzhao/v1/catalog.proto'),
  row(
    'R15',
    '3.2.4',
    '优化审批服务:经国家数据共享交换平台体系推送',
    'server/domain/routing/table.ts',
  ),
  row('R16', '4.1.1', '统一接口供省级调用', 'server/services/scope-catalog.ts'),
  row('R17', '4.1.2', '公示系统公示五类信息', 'server/services/data-center/disclosure.ts'),
  row('R18', '4.1.3(1)', '归集各省上报信息', 'server/services/exchange/between-nodes.ts'),
  row('R19', '4.1.3(2)', '接收其他中央部门信息,下发记名', 'server/domain/decision/record.ts'),
  row('R20', '4.1.3(3)', '与总局相关司局共享', 'server/services/data-center/shared-feed.ts'),
  row('R21', '4.2.1.1', '“证照分离”企业标记', 'server/domain/validation/permit-items.ts'),
  row(
    'R22',
    '4.2.1.1',
    '自贸区、许可事项、接收部门等七项信息',
    'proto/zhengzhao/v1/registration_event.proto',
  ),
  row('R23', '4.2.1.2', '省局与总局经营范围接口对接', 'server/catalog/follower.ts'),
  row('R24', '4.2.1.2', '自贸区登记勾选经营范围字典', 'server/domain/validation/scope.ts'),
  row(
    'R25',
    '4.2.1.2',
    '中央事项按总局对照表,其他由各省整理',
    'server/domain/catalog/layered-view.ts',
  ),
  row('R26', '4.2.2', '按许可部门打包分别推送', 'server/domain/registration/package.ts'),
  row(
    'R27',
    '4.2.2',
    '接收或获取省级平台的其他部门信息',
    'server/services/exchange/records.ts',
    'server/report',
  ),
  row('R28', '4.2.2', '按汇总规范上报总局', 'server/domain/routing/table.ts'),
  row(
    'R29',
    '4.2.2',
    '完成记名后上报总局',
    'server/domain/record/attribution.ts',
    'server/delivery/puller.ts',
  ),
  row('R30', '4.3', '推送设立、变更、注销', 'server/domain/registration/departments.ts'),
  row('R31', '4.3.1', '推送至国家数据共享交换(省级)以及已有通道', 'server/storage/packages.ts'),
  row('R32', '4.3.1', '按许可部门分别打包后上传', 'server/domain/registration/package.ts'),
  row('R33', '4.3.1', '推送至平台即视为已推送', 'server/domain/registration/package-state.ts'),
  row('R34', '4.3.2.1(一)1', '登记信息先省局数据中心,再汇总总局', 'server/domain/routing/table.ts'),
  row(
    'R35',
    '4.3.2.1(一)2',
    '共享至总局相关业务系统',
    'server/services/data-center/shared-feed.ts',
  ),
  row(
    'R36',
    '4.3.2.1(一)3',
    '总局业务系统推送许可、处罚、检查',
    'server/domain/decision/placement.ts',
  ),
  row('R37', '4.3.2.1(一)4', '总局向各省数据中心下发', 'server/domain/routing/table.ts'),
  row(
    'R38',
    '4.3.2.1(一)5',
    '记名后上报,在总局公示系统公示',
    'server/domain/decision/placement.ts',
  ),
  row(
    'R39',
    '4.3.2.1(二)1',
    '推送至省局其他业务系统',
    'server/services/data-center/shared-feed.ts',
  ),
  row(
    'R40',
    '4.3.2.1(二)2',
    '省局业务系统推送至省局数据中心',
    'server/services/exchange/records.ts',
  ),
  row('R41', '4.3.2.1(二)3', '同步至公示系统公示', 'server/services/data-center/disclosure.ts'),
  row('R42', '4.3.2.1', '数据项及标准按共享方案,版本可换', 'server/domain/validation/envelope.ts'),
  row('R43', '5(1)', '自贸区企业由登记人员判断', 'server/domain/validation/free-trade-zone.ts'),
  row('R44', '5(2)', '审批改为备案不额外采集信息', 'server/domain/validation/filing.ts'),
  row('R45', '5(3)', '内部交换均通过数据中心', 'server/domain/validation/envelope.ts'),
  row('R46', '5(3)', '同一层级通过本级数据中心', 'server/domain/routing/table.ts'),
  row('R47', '4.3.2.2', '共享库', 'server/share'),
  row('R48', '4.3.2.2', '登记信息服务接口', 'server/services/data-center/shared-feed.ts'),
  row('R49', '4.3.2.2', '数据上报服务接口', 'server/services/exchange/records.ts'),
  row('R50', '4.3.2.2', '上报库抽取', 'server/report'),
  row('R51', '4.3.2.3', '数据库与接口元数据一致', 'server/dictionary'),
  row('R52', '5(3)', '跨层级、跨区域经总局', 'server/domain/routing/table.ts'),
  row('R53', '5(3)', '按登记或许可机关下发各省', 'server/domain/decision/placement.ts'),
  row('R54', '5(4)', '敏感许可信息只拦上行', 'server/domain/upward-filter.ts'),
  row(
    'R55',
    '5(4)',
    '不公示信息不上报总局',
    'server/domain/upward-filter.ts',
    'server/delivery/second-gate.ts',
  ),
];

/** F1–F22: who sends what to whom. */
export const flows: readonly PlanRow[] = [
  row('F1', '3.1', '勾选经营范围', 'server/services/scope-catalog'),
  row('F2', '4.1.1', '目录发布到各省', 'server/catalog/follower.ts'),
  row('F3', '4.3.2.1', '登记完成,报省局数据中心', 'server/services/registration.ts'),
  row('F4', '4.3.2.1(一)1', '登记信息上报总局', 'server/delivery'),
  row('F5', '3.2.1', '取消审批事项的数据包', 'server/domain/registration/package.ts'),
  row('F6', '3.2.2', '备案事项的数据包', 'server/domain/registration/package.ts'),
  row('F7', '3.2.3', '告知承诺、优化审批事项的数据包', 'server/domain/registration/package.ts'),
  row(
    'F8',
    '4.3.2.1(一)2',
    '登记信息共享至总局业务系统',
    'server/services/data-center/shared-feed.ts',
  ),
  row('F9', '4.3.2.1(一)3', '总局业务系统报送', 'server/services/exchange/records.ts'),
  row('F10', '4.1.3(2)', '国家平台推送其他中央部门信息', 'server/services/exchange/records.ts'),
  row('F11', '4.3.2.1(一)4', '总局下发', 'server/delivery'),
  row('F12', '4.2.2', '记名', 'server/domain/record/attribution.ts'),
  row('F13', '4.2.2', '记名后上报', 'server/domain/decision/placement.ts'),
  row('F14', '4.3.2.1(一)5', '总局公示', 'server/services/data-center/disclosure.ts'),
  row(
    'F15',
    '4.3.2.1(二)1',
    '登记信息共享至省局业务系统',
    'server/services/data-center/shared-feed.ts',
  ),
  row('F16', '4.3.2.1(二)2', '省内许可、处罚、检查报送', 'server/services/exchange/records.ts'),
  row('F17', '4.3.2.1(二)3', '省级公示', 'server/services/data-center/disclosure.ts'),
  row('F18', '4.2.2', '省内记名信息上报', 'server/delivery'),
  row('F19', '5(3)', '跨区域两跳', 'server/domain/routing/table.ts'),
  row('F20', '5(4)', '设置、取消不公示标记', 'server/domain/decision/publicity.ts'),
  row('F21', '–', '对账', 'server/reconciliation'),
  row('F22', '–', '部门回执', 'server/services/data-center/package-acknowledgement.ts'),
];
