import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../errors.js';
import type { MessageHead } from '../message.js';
import type { Principal } from './principal.js';
import { liesIn } from './region.js';

/** What of a message decides who may report it. */
export interface ReportFacts extends Pick<MessageHead, 'kind' | 'sourceOrg' | 'ownerOrg'> {
  /** 登记机关 of a registration; empty for other messages. */
  readonly regOrg: string;
}

/**
 * Why a caller may not report a message; undefined: it may. The sender that a message states must
 * be the caller, and what is decided must be the caller's own decision, or one of an authority for
 * which it is the declared data source unit (VR23, D5). For a change of the mark the record's own
 * data unit counts too, which is judged where the record is known.
 */
export function barrierTo(principal: Principal, report: ReportFacts): HubError | undefined {
  const { role, code, scope } = principal;
  if (role === 'trial') return undefined;
  const own = [code, ...scope.actsFor];
  if (report.kind === MessageKind.REGISTRATION) {
    if (role !== 'registry' || !own.includes(report.sourceOrg)) return notTheSender(code);
    return liesIn(report.regOrg, scope.regions) ? undefined : otherRegion();
  }
  if (role !== 'department' || report.sourceOrg !== code) return notTheSender(code);
  if (report.kind === MessageKind.PUBLICITY_CHANGE || own.includes(report.ownerOrg))
    return undefined;
  return notTheAuthority();
}

function notTheSender(code: string): HubError {
  return new HubError(ErrorReason.NOT_THE_AUTHORITY, {
    zh: `报送单位应为调用方本身(${code})。`,
    en: `The sender must be the caller itself (${code}).`,
  });
}

function notTheAuthority(): HubError {
  return new HubError(ErrorReason.NOT_THE_AUTHORITY, {
    zh: '调用方既不是决定机关,也不是其登记的数据来源单位。',
    en: 'The caller is neither the deciding authority nor its declared data unit.',
  });
}

function otherRegion(): HubError {
  return new HubError(ErrorReason.OUT_OF_SCOPE, {
    zh: '登记机关不在调用方的辖区内。',
    en: 'The registration authority is not in the regions of the caller.',
  });
}
