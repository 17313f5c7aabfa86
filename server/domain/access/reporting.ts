import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError, notFound } from '../errors.js';
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
 * which it is the declared data source unit (VR23, D5). Of other authorities' records a change of the
 * mark is answered as if there were none: it would else tell which there are, not-public ones included.
 */
export function barrierTo(principal: Principal, report: ReportFacts): HubError | undefined {
  const { role, code, scope } = principal;
  const own = speaksFor(principal);
  if (!own) return undefined;
  if (report.kind === MessageKind.REGISTRATION) {
    if (role !== 'registry' || !own.includes(report.sourceOrg)) return notTheSender(code);
    return liesIn(report.regOrg, scope.regions) ? undefined : otherRegion();
  }
  if (role !== 'department' || report.sourceOrg !== code) return notTheSender(code);
  if (own.includes(report.ownerOrg)) return undefined;
  return report.kind === MessageKind.PUBLICITY_CHANGE ? noSuchRecord() : notTheAuthority();
}

/**
 * Authorities for which a caller may report, itself among them, as the register of callers says;
 * undefined for one that no register identified: what the message states counts.
 */
export function speaksFor({ role, code, scope }: Principal): readonly string[] | undefined {
  return role === 'trial' ? undefined : [code, ...scope.actsFor];
}

/** What a change of the mark is answered for a record that is not there, or is not the caller's. */
export function noSuchRecord(): HubError {
  return notFound('该记录', 'record');
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
