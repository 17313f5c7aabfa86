import type { CallerLimits } from '../doors/caller-limits.js';
import { addressOf, networkOf } from '../doors/peer-network.js';
import type { Caller, ClientCertificate } from '../doors/service.js';
import { unauthenticated } from '../domain/access/judge.js';
import {
  anonymous,
  EVERYTHING,
  NOBODY,
  type Principal,
  type Role,
  type Scope,
} from '../domain/access/principal.js';
import type { HubError } from '../domain/errors.js';
import type { GoodToken, StoredPrincipal, Use } from '../storage/access.js';
import { Proofs, type Proof } from './proofs.js';
import { hashOfToken, isSameHash, isTokenForm } from './token.js';

/** What identity is looked up in. */
export interface Register {
  findToken(hash: Buffer): Promise<GoodToken | undefined>;
  findCertificate(
    fingerprint: string,
    role: string,
    code: string,
  ): Promise<{ readonly revoked: boolean; readonly principal: StoredPrincipal | undefined }>;
}

/** What telling who calls needs. */
export interface IdentityParts {
  readonly register: Register;
  /** What a caller is that shows nothing. */
  readonly anonymous: Role;
  /** Whether a code is that of a node of the hub. */
  readonly isNode: (code: string) => boolean;
  /** What a network may have looked up of credentials that proved nobody yet. */
  readonly limits: Pick<CallerLimits, 'within'>;
  /** Told of every credential that was used; must not wait for anything. */
  readonly used: (use: Use) => void;
  /** Milliseconds since 1970, for what expires at a moment. */
  readonly now: () => number;
  /**
   * Milliseconds of a clock that only goes forward, above 0: a revocation is known in time however the time of
   * day is moved.
   */
  readonly elapsed: () => number;
}

/**
 * Tells who calls. Throws UNAUTHENTICATED for a credential that is not valid, TOO_MANY_CALLS when it is
 * not known and too many of its network are being looked up.
 */
export type Identify = (caller: Caller) => Principal | Promise<Principal>;

/** Roles for the users of this machine alone. */
const OPEN: readonly Role[] = ['trial', 'administrator'];

/** Whether callers that show nothing may do more with this role than the public. */
export function isOpen(anonymousRole: Role): boolean {
  return OPEN.includes(anonymousRole);
}

/** Roles that a certificate may state; the others are given by configuration only. */
const CERTIFIED: readonly Role[] = ['node', 'registry', 'department', 'business', 'administrator'];

/**
 * Who calls: by its token, else by the certificate of the connection, else nobody. A token that is
 * not valid is never passed over. What was looked up is kept for a few seconds, so that a caller
 * that stays costs no query. Who has not proved to be anybody counts for the network it calls from
 * before anything is looked up for it.
 */
export function createIdentity(parts: IdentityParts): Identify {
  const proofs = new Proofs(parts.elapsed);
  const nobody = anonymous(parts.anonymous);
  const lookUp = (key: string, { peer }: Caller, ask: () => Promise<Proof>) =>
    proofs.of(key, (provedBefore) =>
      // Who was known a moment ago does not pay for what others at its address make up.
      provedBefore ? ask() : parts.limits.within(networkOf(addressOf(peer)), ask),
    );
  return (caller) => {
    const { bearer, certificate } = caller;
    if (bearer !== undefined) {
      if (!isTokenForm(bearer)) throw badToken();
      const hash = hashOfToken(bearer);
      return settle(
        lookUp(`t${hash.toString('base64')}`, caller, () => proveToken(hash, parts)),
        parts,
      );
    }
    // What a proxy passed on may come from anywhere, whatever this machine's own users may do.
    if (!certificate) return isOpen(nobody.role) && caller.forwarded ? NOBODY : nobody;
    const { fingerprint } = certificate;
    return settle(
      lookUp(`c${fingerprint}`, caller, () => proveCertificate(certificate, parts)),
      parts,
    );
  };
}

async function settle(
  asked: Proof | Promise<Proof>,
  { now, used }: IdentityParts,
): Promise<Principal> {
  const proof = await asked;
  if ('error' in proof) throw proof.error;
  const { principal, tokenId, untilMs } = proof;
  const nowMs = now();
  if (untilMs <= nowMs) throw tokenId === 0 ? badCertificate('expired') : badToken();
  used({ role: principal.role, code: principal.code, tokenId, at: new Date(nowMs) });
  return principal;
}

async function proveToken(hash: Buffer, { register }: IdentityParts): Promise<Proof> {
  const stored = await register.findToken(hash);
  if (!stored || !isSameHash(stored.hash, hash)) return { error: badToken() };
  return {
    principal: principalOf(stored),
    tokenId: stored.id,
    untilMs: stored.expiresAt.getTime(),
  };
}

async function proveCertificate(
  { unit, name, fingerprint, validToMs }: ClientCertificate,
  { register, isNode }: IdentityParts,
): Promise<Proof> {
  const role = CERTIFIED.find((one) => one === unit);
  if (!role || name === undefined || name === '') return { error: badCertificate('unnamed') };
  const { revoked, principal } = await register.findCertificate(fingerprint, role, name);
  if (revoked || principal?.disabledAt) return { error: badCertificate('revoked') };
  const found = { tokenId: 0, untilMs: validToMs };
  // Nodes are known by the plan; whoever else calls must have been registered.
  if (role === 'node') {
    if (!isNode(name)) return { error: badCertificate('unknown') };
    return { ...found, principal: { role, code: name, scope: EVERYTHING } };
  }
  if (!principal) return { error: badCertificate('unknown') };
  return { ...found, principal: principalOf(principal) };
}

function principalOf(stored: StoredPrincipal): Principal {
  const { role, code, regions, permitItems, actsFor } = stored;
  const scope: Scope = { regions: regions ?? 'all', permitItems: permitItems ?? 'all', actsFor };
  return { role, code, scope };
}

function badToken(): HubError {
  return unauthenticated({
    zh: '访问令牌无效、已过期或已吊销。',
    en: 'The token is not valid, expired or revoked.',
  });
}

const CERTIFICATE_TEXTS = {
  unnamed: {
    zh: '证书的 OU 应为角色、CN 应为代码。',
    en: 'The certificate must have a role as OU and a code as CN.',
  },
  revoked: { zh: '证书已吊销或其主体已停用。', en: 'The certificate or its owner is revoked.' },
  unknown: { zh: '证书所载主体未登记。', en: 'Whom the certificate names is not registered.' },
  expired: { zh: '证书已过期。', en: 'The certificate is expired.' },
} as const;

function badCertificate(problem: keyof typeof CERTIFICATE_TEXTS): HubError {
  return unauthenticated(CERTIFICATE_TEXTS[problem]);
}
