import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import type { Bilingual } from '../errors.js';

/** What the enterprise does after registration, and the clause that says so. */
export interface NextStep extends Bilingual {
  readonly clause: string;
}

const NEXT_STEPS: Readonly<Record<ReformMode, NextStep>> = {
  [ReformMode.UNSPECIFIED]: {
    zh: '改革方式没有标明，请向主管部门咨询。',
    en: 'The reform mode is not stated; ask the competent department.',
    clause: 'R3',
  },
  [ReformMode.CANCELLED]: {
    zh: '审批已直接取消：登记信息按经营范围推送有关主管部门，企业无需再办理许可。',
    en: 'The approval is abolished: the registration is sent to the department by business scope, and no permit is needed.',
    clause: 'R9 3.2.1',
  },
  [ReformMode.FILING]: {
    zh: '审批已改为备案：完成登记和许可备案后，登记信息和备案信息推送有关主管部门，不额外采集其他信息。',
    en: 'The approval is now a filing: once registration and filing are done, both are sent to the department; nothing further is collected.',
    clause: 'R11 3.2.2',
  },
  [ReformMode.COMMITMENT]: {
    zh: '实行告知承诺：登记信息推送有关主管部门，请企业自行到许可部门进行告知承诺。',
    en: 'Commitment applies: the registration is sent to the department; the enterprise itself gives its commitment there.',
    clause: 'R12 3.2.3',
  },
  [ReformMode.OPTIMISED]: {
    zh: '审批保留并优化服务：登记信息推送国家数据共享交换平台体系，请企业自行到许可部门办理许可。',
    en: 'The approval is kept with better service: the registration goes to the national exchange; the enterprise itself applies to the licensing department.',
    clause: 'R15 3.2.4',
  },
};

/** Next step by reform mode (R9, R11, R12, R15). */
export function nextStepOf(mode: ReformMode): NextStep {
  return NEXT_STEPS[mode];
}
