import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { inBoth } from '../domain/errors.js';
import { requirePrivate } from '../private-file.js';
import { contentJson, sha256Hex } from './archive.js';
import { failureOf, type Carrier, type Outcome, type OutgoingPackage } from './carrier.js';

/** A department's or platform's endpoint. */
export interface HttpEndpoint {
  readonly url: string;
  /** File with a bearer token, read for each call so that it can be renewed. Unset: none is sent. */
  readonly tokenFile?: string | undefined;
  readonly format: 'json' | 'protobuf';
  readonly timeoutMs: number;
}

/** More of an answer than this is not read. */
const ANSWER_LIMIT = 64 * 1024;

const receipt = z.object({ receiptNo: z.string().trim().min(1).max(100) });

const NO_RECEIPT = inBoth({ zh: '应答无 receiptNo', en: 'without a receiptNo' });

/** Answers that speak of the other side's own trouble, not of the package. */
const TROUBLE = new Set([401, 403, 407, 408, 425, 429]);

/**
 * Pushes packages by POST. The body is the PackageContent as canonical JSON or, unchanged, as
 * Protobuf; headers name id, department, count and the digest of the body. A 2xx answer with
 * `{"receiptNo": "…"}` completes the duty (R33).
 */
export function httpCarrier(endpoint: HttpEndpoint): Carrier {
  return {
    concurrency: 8,
    timeoutMs: endpoint.timeoutMs,
    async send(outgoing, stopping) {
      try {
        const signal = AbortSignal.any([stopping, AbortSignal.timeout(endpoint.timeoutMs)]);
        return await post(endpoint, outgoing, signal);
      } catch (error) {
        return { kind: 'unreachable', error: failureOf(error) };
      }
    },
  };
}

async function post(
  endpoint: HttpEndpoint,
  outgoing: OutgoingPackage,
  signal: AbortSignal,
): Promise<Outcome> {
  const body =
    endpoint.format === 'json' ? contentJson(outgoing.content) : outgoing.claimed.content;
  const answer = await fetch(endpoint.url, {
    method: 'POST',
    // Content goes to the address that was configured and nowhere else.
    redirect: 'manual',
    signal,
    body,
    headers: { ...headersOf(endpoint, outgoing, body), ...(await authorization(endpoint)) },
  });
  const text = await readLimited(answer);
  if (TROUBLE.has(answer.status) || answer.status >= 500)
    return { kind: 'unreachable', error: `HTTP ${answer.status}` };
  if (!answer.ok) return { kind: 'refused', error: `HTTP ${answer.status}` };
  const receiptNo = receiptIn(text);
  return receiptNo === undefined
    ? { kind: 'refused', error: `HTTP ${answer.status} ${NO_RECEIPT}` }
    : { kind: 'accepted', receiptNo };
}

function headersOf(
  { format }: HttpEndpoint,
  { claimed }: OutgoingPackage,
  body: Uint8Array,
): Record<string, string> {
  return {
    'content-type': format === 'json' ? 'application/json' : 'application/x-protobuf',
    accept: 'application/json',
    'idempotency-key': claimed.packageId,
    'x-package-id': claimed.packageId,
    'x-receiving-department': claimed.deptCode,
    'x-record-count': String(claimed.recordCount),
    'x-content-sha256': sha256Hex(body),
    'x-package-sha256': claimed.sha256.toString('hex'),
  };
}

async function authorization({ tokenFile }: HttpEndpoint): Promise<Record<string, string>> {
  if (tokenFile === undefined) return {};
  requirePrivate(tokenFile, await stat(tokenFile));
  const token = (await readFile(tokenFile, 'utf8')).trim();
  return { authorization: `Bearer ${token}` };
}

/** The text of an answer; undefined past the limit, where reading stops. */
async function readLimited(answer: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > ANSWER_LIMIT) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function receiptIn(text: string | undefined): string | undefined {
  try {
    return receipt.parse(JSON.parse(text ?? '')).receiptNo;
  } catch {
    return undefined;
  }
}
