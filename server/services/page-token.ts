import { createHash } from 'node:crypto';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../domain/errors.js';
import { errorFinding } from '../domain/finding.js';
import type { PageSizes } from './page-sizes.js';

/** What makes a list: its name, and every field of the request that chooses its rows. */
export type ListIdentity = readonly (string | number | boolean)[];

/** Bytes of SHA-256 that tie a token to its list. */
const FINGERPRINT_BYTES = 9;

/** An opaque token for the page after `position`, good only for the same list. */
export function encodePageToken(list: ListIdentity, position: string): string {
  return Buffer.from(`${fingerprint(list)}${position}`).toString('base64url');
}

/**
 * The position in a token; empty for an empty token, which asks for the first page.
 * @throws HubError BAD_PAGE_TOKEN when it was not issued for this list.
 */
export function decodePageToken(list: ListIdentity, token: string): string {
  if (token === '') return '';
  const text = Buffer.from(token, 'base64url').toString();
  const expected = fingerprint(list);
  if (!text.startsWith(expected) || text.length === expected.length) throw badPageToken();
  return text.slice(expected.length);
}

/**
 * The sequence number in a token; 0 for an empty token, which asks for the first page.
 * @throws HubError BAD_PAGE_TOKEN when it was not issued for this list or holds no such number.
 */
export function decodeSequence(list: ListIdentity, token: string): number {
  const text = decodePageToken(list, token);
  if (!/^\d{0,15}$/.test(text)) throw badPageToken();
  return Number(text);
}

/** The error for a token that does not belong to the list, or whose position is gone. */
export function badPageToken(): HubError {
  return new HubError(ErrorReason.BAD_PAGE_TOKEN, {
    zh: '翻页标记不属于本次查询，或目录已更新；请从第一页重新开始。',
    en: 'The page token was not issued for this list, or the list changed; start again at the first page.',
  });
}

/** Rows per page. 0: the default. Above the limit: the limit.
 * @throws HubError VALIDATION_FAILED when negative. */
export function pageSizeOf(asked: number, limits: PageSizes): number {
  if (asked < 0) {
    const text = { zh: '每页条数不能为负数。', en: 'The page size may not be negative.' };
    throw new HubError(ErrorReason.VALIDATION_FAILED, text, {
      findings: [errorFinding('VR10', 'page_size', 'PAGE_SIZE', text)],
    });
  }
  return asked === 0 ? limits.preset : Math.min(asked, limits.max);
}

function fingerprint(list: ListIdentity): string {
  const digest = createHash('sha256').update(JSON.stringify(list)).digest();
  return digest.subarray(0, FINGERPRINT_BYTES).toString('base64url');
}
