import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError, type Bilingual } from '../errors.js';
import { principalName, ROLE_NAMES, type Principal } from './principal.js';
import { ACCESS, grantOf } from './table.js';

/**
 * Whether a caller may make a call at all. Throws UNAUTHENTICATED when nobody said who calls,
 * NOT_PERMITTED when the table does not give the RPC to the role.
 */
export function requireRole(principal: Principal, rpc: string): void {
  const { role } = principal;
  if (grantOf(role, rpc) !== undefined) return;
  if (role === 'nobody') throw unauthenticated();
  const name = ROLE_NAMES[role];
  throw new HubError(ErrorReason.NOT_PERMITTED, {
    zh: `角色“${name.zh}”不能调用 ${rpc}。`,
    en: `The role ${name.en} may not call ${rpc}.`,
  });
}

/**
 * Whether a request names nobody but its caller, where the table says so. Throws WRONG_NODE for a
 * node that speaks for another one, OUT_OF_SCOPE for everybody else.
 */
export function requireOwn(principal: Principal, rpc: string, request: object): void {
  if (grantOf(principal.role, rpc) !== 'own') return;
  const field = ACCESS[rpc]?.names ?? '';
  if (principal.code !== '' && (request as Record<string, unknown>)[field] === principal.code)
    return;
  const name = principalName(principal);
  const reason = principal.role === 'node' ? ErrorReason.WRONG_NODE : ErrorReason.OUT_OF_SCOPE;
  throw new HubError(reason, {
    zh: `调用方为 ${name},${field} 应为其自身代码。`,
    en: `The caller is ${name}; ${field} must be its own code.`,
  });
}

/** UNAUTHENTICATED, with what is wrong; unset: nothing was shown. */
export function unauthenticated(
  text: Bilingual = {
    zh: '须出示客户端证书或访问令牌(Authorization: Bearer)。',
    en: 'Show a client certificate or a token (Authorization: Bearer).',
  },
): HubError {
  return new HubError(ErrorReason.UNAUTHENTICATED, text);
}
