import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { isRecordKind } from './message.js';

/**
 * 不公示信息不上报 (plan 5(4); R54, R55, D5–D8, D10).
 *
 * One predicate for all three gates: when a message is routed, again when a delivery is about to
 * leave (the mark may have been set while it waited), and at the national door. Registrations
 * always go up (R34). For everything else only a mark that was read and is `false` counts as
 * public: a missing, unknown or unreadable mark holds the record back.
 */
export function mayGoUp(kind: MessageKind, nonPublic: unknown): boolean {
  if (kind === MessageKind.REGISTRATION) return true;
  return isRecordKind(kind) && nonPublic === false;
}

/**
 * The same question for publication at either level: what is not public is never shown (D10). The fact
 * `publicity` of the routing table is this answer, for the way up as well.
 */
export function mayBePublished(kind: MessageKind, nonPublic: unknown): boolean {
  return mayGoUp(kind, nonPublic);
}
