import type { Bilingual } from '../errors.js';
import type { DepartmentFacts } from './facts.js';

/** The questions asked of every message, one after another. */
export type Leg = 'up' | 'down' | 'department' | 'publicity' | 'share';

/** What a row answers: `none` means that the leg does not concern the message. */
export type Outcome = 'send' | 'held-back' | 'wait' | 'none';

/** Whom a `send` reaches. */
export type Target =
  | 'national node'
  | 'home province'
  | 'partner provinces'
  | 'department'
  | 'publicity system'
  | 'shared library';

type Condition = { readonly [K in keyof DepartmentFacts]?: readonly DepartmentFacts[K][] };

interface Row<Id extends string> {
  /** Stable id, kept with every delivery and shown in the life line. */
  readonly id: Id;
  readonly leg: Leg;
  readonly when: Condition;
  readonly outcome: Outcome;
  readonly target?: Target;
  /** Requirement and clause of the plan. */
  readonly clause: string;
  readonly why: Bilingual;
}

const RECORDS = ['licence', 'filing', 'inspection', 'penalty'] as const;

/**
 * Who must be told of what, clause by clause. The only place that names a destination.
 *
 * Decisions taken here where the plan leaves room (domain.md D1–D14):
 * - 登记或许可机关 (plan 5(3)) reads: each class is sent to the other party; a record to the
 *   province of the registration authority, a registration to that of the licensing authority (D2).
 * - A province that does not know an enterprise hands the record to the national node, which does
 *   (R52); only a record of its own enterprise waits in its work list.
 * - The filter works upward only: down and sideways a not-public record travels (R54).
 * - What came up named is never sent down again (D6); nothing is echoed to where it came from.
 */
const rows = [
  // 上报: from a province to the national node.
  {
    id: 'UP-NATIONAL',
    leg: 'up',
    when: { level: ['national'] },
    outcome: 'none',
    clause: 'R18 4.1.3(1)',
    why: { zh: '总局数据中心之上无上级节点。', en: 'The national node has no node above it.' },
  },
  {
    id: 'UP-NO-DIRECT-LINK',
    leg: 'up',
    when: { arrival: ['province'] },
    outcome: 'none',
    clause: 'R52 5(3)',
    why: {
      zh: '省与省之间不直接交换,不接收他省直接投递。',
      en: 'Provinces have no direct link; nothing is taken from another province.',
    },
  },
  {
    id: 'UP-REGISTRATION-CAME-DOWN',
    leg: 'up',
    when: { kind: ['registration'], arrival: ['national'] },
    outcome: 'none',
    clause: 'D6 5(3)',
    why: {
      zh: '总局下发的登记信息,不再上报。',
      en: 'A registration that came down is not sent up again.',
    },
  },
  {
    id: 'UP-REGISTRATION',
    leg: 'up',
    when: { kind: ['registration'] },
    outcome: 'send',
    target: 'national node',
    clause: 'R34 4.3.2.1(一)1; R18 4.1.3(1)',
    why: {
      zh: '登记信息先存省局数据中心,再汇总至总局数据中心。',
      en: 'Registrations are kept in the province, then gathered at the national node.',
    },
  },
  {
    id: 'UP-HELD-BACK',
    leg: 'up',
    when: { kind: RECORDS, publicity: ['non-public'] },
    outcome: 'held-back',
    clause: 'R55 5(4)',
    why: {
      zh: '许可机关标记为不公示的信息,不上报总局。',
      en: 'What the authority marked as not public is not reported to the national node.',
    },
  },
  {
    id: 'UP-NAMED-AFTER-DOWNLINK',
    leg: 'up',
    when: { kind: RECORDS, naming: ['named'], arrival: ['national'] },
    outcome: 'send',
    target: 'national node',
    clause: 'R29 4.2.2; R38 4.3.2.1(一)5',
    why: {
      zh: '总局下发的信息完成记名后上报总局。',
      en: 'What came down is reported back once it has been attributed.',
    },
  },
  {
    id: 'UP-NAMED',
    leg: 'up',
    when: { kind: RECORDS, naming: ['named'] },
    outcome: 'send',
    target: 'national node',
    clause: 'R28 4.2.2',
    why: {
      zh: '省内产生并已记名的信息,按数据汇总规范上报总局。',
      en: 'What the province gathered and attributed is reported to the national node.',
    },
  },
  {
    id: 'UP-WAIT-AFTER-DOWNLINK',
    leg: 'up',
    when: { kind: RECORDS, arrival: ['national'] },
    outcome: 'wait',
    clause: 'R29 4.2.2; VR25',
    why: {
      zh: '尚未记名,在待记名清单中等待。',
      en: 'Not attributed yet: it waits in the work list.',
    },
  },
  {
    id: 'UP-OTHER-REGION',
    leg: 'up',
    when: { kind: RECORDS, home: ['elsewhere', 'unknown'] },
    outcome: 'send',
    target: 'national node',
    clause: 'R52 5(3)',
    why: {
      zh: '本省无此主体,属跨区域信息,上报总局后由总局下发。',
      en: 'Not an enterprise of this province: it goes to the national node, which sends it on.',
    },
  },
  {
    id: 'UP-WAIT',
    leg: 'up',
    when: { kind: RECORDS },
    outcome: 'wait',
    clause: 'R29 4.2.2; VR25',
    why: {
      zh: '本省主体,但尚未记名,在待记名清单中等待。',
      en: 'An enterprise of this province, not attributed yet: it waits in the work list.',
    },
  },

  // 下发: from the national node to provinces.
  {
    id: 'DOWN-PROVINCIAL',
    leg: 'down',
    when: { level: ['provincial'] },
    outcome: 'none',
    clause: 'R52 5(3)',
    why: { zh: '省局数据中心不下发。', en: 'A province sends nothing down.' },
  },
  {
    id: 'DOWN-MOVED',
    leg: 'down',
    when: { kind: ['registration'], moved: ['yes'] },
    outcome: 'send',
    target: 'partner provinces',
    clause: 'R53 5(3); D2',
    why: {
      zh: '企业已迁往他省,登记信息下发至原登记机关所在省,由其保留只读副本。',
      en: 'The enterprise moved: its former province is told, and keeps a read-only copy.',
    },
  },
  {
    id: 'DOWN-REGISTRATION',
    leg: 'down',
    when: { kind: ['registration'], partners: ['some'] },
    outcome: 'send',
    target: 'partner provinces',
    clause: 'R53 5(3); D2',
    why: {
      zh: '许可机关在其他省,登记信息下发至许可机关所在省。',
      en: 'A licensing authority is served by another province, which is told of the registration.',
    },
  },
  {
    id: 'DOWN-REGISTRATION-NONE',
    leg: 'down',
    when: { kind: ['registration'] },
    outcome: 'none',
    clause: 'R53 5(3); D2',
    why: {
      zh: '许可机关均在登记机关所在省,无需下发。',
      en: 'All licensing authorities are in the province of registration.',
    },
  },
  {
    id: 'DOWN-FOLLOW',
    leg: 'down',
    when: { moved: ['yes'] },
    outcome: 'send',
    target: 'home province',
    clause: 'R53 5(3); D2',
    why: {
      zh: '企业迁入新的省,其已归集的信息随之下发至新的登记机关所在省。',
      en: 'The enterprise moved: what was gathered about it follows to its new province.',
    },
  },
  {
    id: 'DOWN-NAMED',
    leg: 'down',
    when: { naming: ['named'] },
    outcome: 'none',
    clause: 'R29 4.2.2; D6',
    why: { zh: '已记名的信息不再下发。', en: 'What has been attributed is not sent down again.' },
  },
  {
    id: 'DOWN-HOME',
    leg: 'down',
    when: { home: ['elsewhere', 'here'], arrival: ['client', 'national'] },
    outcome: 'send',
    target: 'home province',
    clause: 'R37 4.3.2.1(一)4; R19 4.1.3(2); R53 5(3)',
    why: {
      zh: '下发至登记机关所在省局数据中心,记于企业名下。',
      en: 'Sent to the province of the registration authority, to be attributed there.',
    },
  },
  {
    id: 'DOWN-OTHER-REGION',
    leg: 'down',
    when: { home: ['elsewhere', 'here'] },
    outcome: 'send',
    target: 'home province',
    clause: 'R52 5(3); R53 5(3)',
    why: {
      zh: '跨区域信息,由总局下发至登记机关所在省。',
      en: 'From another region: sent on to the province of the registration authority.',
    },
  },
  {
    id: 'DOWN-ECHO',
    leg: 'down',
    when: { home: ['origin'] },
    outcome: 'wait',
    clause: 'D2 5(3)',
    why: {
      zh: '主体属来源省,不回送;待来源省记名后上报。',
      en: 'The enterprise belongs to the province it came from: not echoed, its attribution is awaited.',
    },
  },
  {
    id: 'DOWN-PARKED',
    leg: 'down',
    when: {},
    outcome: 'wait',
    clause: 'R36 4.3.2.1(一)3; D3',
    why: {
      zh: '总局尚无此主体,归属省份待定;登记信息到达后自动下发。',
      en: 'The enterprise is not known yet: sent on by itself when its registration arrives.',
    },
  },

  // 按许可部门打包: one department of a registration.
  {
    id: 'DEPT-NATIONAL',
    leg: 'department',
    when: { level: ['national'] },
    outcome: 'none',
    clause: 'R31 4.3.1',
    why: {
      zh: '向部门推送由省级市场监管部门办理。',
      en: 'Departments are told by the province.',
    },
  },
  {
    id: 'DEPT-RECORD',
    leg: 'department',
    when: { kind: RECORDS },
    outcome: 'none',
    clause: 'R30 4.3',
    why: { zh: '向外部门只推送登记信息。', en: 'Departments are sent registrations only.' },
  },
  {
    id: 'DEPT-ELSEWHERE',
    leg: 'department',
    when: { department: ['elsewhere'] },
    outcome: 'none',
    clause: 'R52 5(3); D2',
    why: {
      zh: '该部门由他省节点服务,经总局转送后在他省打包。',
      en: 'Another province serves the department: packaged there, by way of the national node.',
    },
  },
  {
    id: 'DEPT-REMOVED',
    leg: 'department',
    when: { item: ['removed'] },
    outcome: 'send',
    target: 'department',
    clause: 'R30 4.3; D9',
    why: {
      zh: '变更后不再涉及该事项,仍告知原接收部门。',
      en: 'The event no longer has the item; the department that knew it is told so.',
    },
  },
  {
    id: 'DEPT-CANCELLED',
    leg: 'department',
    when: { reformMode: ['cancelled'] },
    outcome: 'send',
    target: 'department',
    clause: 'R9 3.2.1',
    why: {
      zh: '直接取消审批:登记后按经营范围推送登记信息,无需回传许可。',
      en: 'Approval cancelled: told by business scope after registration; no licence comes back.',
    },
  },
  {
    id: 'DEPT-FILING',
    leg: 'department',
    when: { reformMode: ['filing'] },
    outcome: 'send',
    target: 'department',
    clause: 'R11 3.2.2; R44 5(2)',
    why: {
      zh: '审批改为备案:按许可事项推送登记信息和备案信息,不额外采集。',
      en: 'Approval became a filing: registration and filing are sent by item, nothing more is collected.',
    },
  },
  {
    id: 'DEPT-COMMITMENT',
    leg: 'department',
    when: { reformMode: ['commitment'] },
    outcome: 'send',
    target: 'department',
    clause: 'R12 3.2.3',
    why: {
      zh: '实行告知承诺:按许可事项推送登记信息,企业自行到许可部门告知承诺。',
      en: 'Notification and commitment: sent by item; the enterprise goes to the department itself.',
    },
  },
  {
    id: 'DEPT-OPTIMISED',
    leg: 'department',
    when: {},
    outcome: 'send',
    target: 'department',
    clause: 'R15 3.2.4',
    why: {
      zh: '优化审批服务:登记后推送至国家数据共享交换平台体系,企业到许可部门办理。',
      en: 'Optimised approval: sent by the national exchange; the enterprise applies to the department.',
    },
  },

  // 公示: the publicity system of the node's own level.
  {
    id: 'PUBLISH-FOREIGN',
    leg: 'publicity',
    when: {
      level: ['provincial'],
      kind: ['registration'],
      home: ['elsewhere', 'origin', 'unknown'],
    },
    outcome: 'none',
    clause: 'R41 4.3.2.1(二)3',
    why: {
      zh: '他省主体,由其登记机关所在省公示。',
      en: 'An enterprise of another province is published there.',
    },
  },
  {
    id: 'PUBLISH-REGISTRATION',
    leg: 'publicity',
    when: { kind: ['registration'] },
    outcome: 'send',
    target: 'publicity system',
    clause: 'R17 4.1.2',
    why: { zh: '登记信息经本级公示系统公示。', en: 'Registrations are published at this level.' },
  },
  {
    id: 'PUBLISH-HELD-BACK',
    leg: 'publicity',
    when: { publicity: ['non-public'] },
    outcome: 'held-back',
    clause: 'R55 5(4); D10',
    why: {
      zh: '标记为不公示,任何层级均不公示。',
      en: 'Marked as not public: published at no level.',
    },
  },
  {
    id: 'PUBLISH-UNNAMED',
    leg: 'publicity',
    when: { naming: ['unnamed'] },
    outcome: 'wait',
    clause: 'R38 4.3.2.1(一)5',
    why: { zh: '记名后方可公示。', en: 'Published only after it has been attributed.' },
  },
  {
    id: 'PUBLISH-NATIONAL',
    leg: 'publicity',
    when: { level: ['national'] },
    outcome: 'send',
    target: 'publicity system',
    clause: 'R38 4.3.2.1(一)5',
    why: {
      zh: '记名后上报总局,在总局公示系统中公示。',
      en: 'Attributed and reported: published by the national publicity system.',
    },
  },
  {
    id: 'PUBLISH-PROVINCIAL',
    leg: 'publicity',
    when: {},
    outcome: 'send',
    target: 'publicity system',
    clause: 'R41 4.3.2.1(二)3',
    why: {
      zh: '省局数据中心同步至公示系统公示。',
      en: 'Passed on to the provincial publicity system.',
    },
  },

  // 共享: business systems of the node's own level.
  {
    id: 'SHARE-RECORD',
    leg: 'share',
    when: { kind: RECORDS },
    outcome: 'none',
    clause: 'R35 4.3.2.1(一)2',
    why: {
      zh: '向业务系统共享的是登记注册信息。',
      en: 'Business systems are given registrations.',
    },
  },
  {
    id: 'SHARE-NATIONAL',
    leg: 'share',
    when: { level: ['national'] },
    outcome: 'send',
    target: 'shared library',
    clause: 'R35 4.3.2.1(一)2; R47; R48',
    why: {
      zh: '登记信息共享至总局相关业务系统。',
      en: 'Shared with the business systems of the national level.',
    },
  },
  {
    id: 'SHARE-PROVINCIAL',
    leg: 'share',
    when: {},
    outcome: 'send',
    target: 'shared library',
    clause: 'R39 4.3.2.1(二)1',
    why: {
      zh: '登记信息推送至省局其他相关业务系统。',
      en: 'Shared with the other business systems of the province.',
    },
  },
] as const satisfies readonly Row<string>[];

/** Id of a row as the table is now; what was stored before may bear one that an older table had. */
export type RuleId = (typeof rows)[number]['id'];

/** One row: the first row of a leg whose conditions all hold decides. */
export type RoutingRow = Row<RuleId>;

/** All rows, those of a leg in the order in which they are asked. */
export const routingTable: readonly RoutingRow[] = rows;

/** The row by which a record goes up to be sent on to the region that keeps its enterprise. */
export const FORWARDING_RULE: RuleId = 'UP-OTHER-REGION';
