import { PROVED, REFUSED } from '../../server/access/proofs.js';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { MAX_FILE_BYTES } from '../../server/catalog/import.js';
import { MAX_ROWS } from '../../server/catalog/sheet.js';
import { variables } from '../../server/config-variables.js';
import { STREAM_IDLE_MS } from '../../server/doors/caller-limits.js';
import { REMEMBERED } from '../../server/doors/caller-rate.js';
import { MAX_REQUEST_BYTES, REQUEST_MS } from '../../server/doors/door.js';
import { FIRST_BYTES_MS } from '../../server/doors/front.js';
import {
  IDLE_MS,
  KEEPALIVE_ANSWER_MS,
  KEEPALIVE_MS,
  MAX_CALLS_PER_CONNECTION,
} from '../../server/doors/grpc.js';
import { HALF_RECEIVED_BYTES } from '../../server/doors/half-received.js';
import { HEADERS_MS, HTTP_IDLE_MS } from '../../server/doors/http.js';
import { MAX_RELEASE_FINDINGS } from '../../server/domain/catalog/release-findings.js';
import { MAX_MESSAGE_FINDINGS } from '../../server/domain/validation/message-findings.js';
import { MESSAGE_BYTES } from '../../server/intake/admission.js';
import { INTAKE_LIMITS } from '../../server/node.js';
import {
  PAGE_CACHE_BYTES,
  PAGE_SECONDS,
  PAGES_IN_WORK,
} from '../../server/publicity/page-cache.js';
import { STREAM_WINDOW } from '../../server/services/exchange/records.js';
import { publicReadsOf } from '../../server/services/data-center.js';
import { BATCH_LIMIT } from '../../server/services/front-desk.js';

const mib = (bytes: number): string => `${Math.floor(bytes / 1024 / 1024)} MiB`;
const count = (value: number): string => value.toLocaleString('en');
const seconds = (ms: number): string => `${ms / 1_000} s`;
const minutes = (ms: number): string => `${ms / 60_000} min`;

/** A row of the README: what is limited, what its limit says, and where a test shows it. */
type Row = readonly [what: string, limit: readonly string[], file: string, title: string];

const FIRST = FIRST_BYTES_MS === HEADERS_MS ? seconds(FIRST_BYTES_MS) : 'two different times';

const ROWS: readonly Row[] = [
  [
    'one request',
    [mib(MAX_REQUEST_BYTES)],
    'doors/bad-input',
    'more than 16 MiB is RESOURCE_EXHAUSTED',
  ],
  [
    'one message that is reported',
    [mib(MESSAGE_BYTES)],
    'limits/message-size',
    'is refused when it would be too large to be delivered',
  ],
  [
    'findings about one message or catalogue release',
    [MAX_MESSAGE_FINDINGS, MAX_RELEASE_FINDINGS].map(count),
    'domain/bounded-findings',
    'keeps the first errors, then the first warnings that have a place',
  ],
  [
    'a batch, a message of a stream, a delivery call',
    [count(BATCH_LIMIT)],
    'doors/bad-input',
    'takes 1 to 500 items',
  ],
  [
    'a stream (`StreamRecords`)',
    [`${STREAM_WINDOW} messages`],
    'limits/stream-window',
    'a stream of any length has only its window in work',
  ],
  [
    'requests of which a part has come, together',
    [mib(HALF_RECEIVED_BYTES)],
    'limits/half-received',
    'never hold more than their budget',
  ],
  ['page size', ['contract'], 'limits/pages', 'the contract states the same'],
  [
    'submissions that wait for the database',
    [count(INTAKE_LIMITS.waiting)],
    'intake/waiting-room',
    'more are refused as a whole',
  ],
  [
    'open deliveries, of the whole node',
    ['HUB_BACKLOG_LIMIT'],
    'flows/operators-desk',
    'when to come back while the backlog is full',
  ],
  [
    'open deliveries for one node',
    ['HUB_BACKLOG_PER_NODE'],
    'flows/dead-province',
    'fills its own share of the backlog and no other',
  ],
  [
    'catalogue file',
    [mib(MAX_FILE_BYTES), count(MAX_ROWS)],
    'catalog/import',
    'comes to an end with eight megabytes of %s as CSV',
  ],
  [
    'calls of one caller in a second',
    ['HUB_CALLER_RATE'],
    'limits/callers',
    'are limited a second',
  ],
  [
    'calls and streams of one caller at once',
    ['HUB_CALLER_IN_FLIGHT'],
    'limits/callers',
    'are limited at the same time',
  ],
  [
    'callers whose calls are counted',
    [count(REMEMBERED)],
    'limits/callers',
    'is remembered for so many callers',
  ],
  [
    'credentials of one address that are looked up',
    ['HUB_CALLER_RATE', 'HUB_CALLER_IN_FLIGHT'],
    'access/made-up-tokens',
    'are looked up so many at once for one network',
  ],
  [
    'credentials that are kept',
    [
      `${count(PROVED.entries)} good, ${seconds(PROVED.forMs)}`,
      `${count(REFUSED.entries)} others, ${seconds(REFUSED.forMs)}`,
    ],
    'access/made-up-tokens',
    'push out none that is good, however many they are',
  ],
  [
    'publicity pages for one address in a minute',
    ['HUB_PAGE_RATE'],
    'publicity/pages',
    'give an address that comes too often a time to wait',
  ],
  [
    'publicity pages that are kept, and made at once',
    [mib(PAGE_CACHE_BYTES), seconds(PAGE_SECONDS * 1_000), `${PAGES_IN_WORK} at once`],
    'publicity/page-cache',
    'makes so many at once and no more',
  ],
  [
    'database connections for what anybody may read',
    ['half of `HUB_DATABASE_POOL`', `${count(publicReadsOf(12).waiting)} wait`],
    'publicity/connections',
    'never takes more than half of the connections',
  ],
  [
    'connections: all, from one address',
    ['HUB_CONNECTIONS'],
    'limits/connections',
    '%s are limited; the next one is served',
  ],
  [
    'calls at once on one HTTP/2 connection',
    [String(MAX_CALLS_PER_CONNECTION)],
    'limits/floods',
    'calls beyond what one connection may have',
  ],
  [
    'first bytes of a connection, headers',
    [FIRST],
    'doors/port',
    'followed by slow headers end with 408',
  ],
  [
    'a request until it is whole',
    [minutes(REQUEST_MS)],
    'limits/floods',
    'a call whose message never comes is ended',
  ],
  [
    'an answer of which nothing is read (HTTP/1.1)',
    [minutes(REQUEST_MS)],
    'limits/connections',
    'whose reader takes nothing of its answer',
  ],
  [
    'a connection without calls',
    [minutes(IDLE_MS), seconds(HTTP_IDLE_MS)],
    'limits/floods',
    'a connection without calls is closed',
  ],
  [
    'a stream through which nothing is sent',
    [minutes(STREAM_IDLE_MS)],
    'limits/callers',
    'through which nothing comes any more are ended',
  ],
  [
    'another end that answers no ping (HTTP/2)',
    [seconds(KEEPALIVE_MS), seconds(KEEPALIVE_ANSWER_MS)],
    'limits/floods',
    'whose other end does not answer any more',
  ],
  [
    'floods of resets, pings, settings, empty frames',
    ['nghttp2'],
    'limits/floods',
    'a connection is closed for a flood of %s',
  ],
];

/** First two cells of each row of the README's table. */
async function written(): Promise<(readonly [what: string, limit: string])[]> {
  const [, section = ''] =
    /## 限制 · Limits\n([^]*?)\n## /.exec(await readFile('README.md', 'utf8')) ?? [];
  const [, , ...rows] = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.map((row) => {
    const [, what = '', limit = ''] = row.split('|').map((cell) => cell.trim());
    return [what, limit];
  });
}

describe('the limits in the README', () => {
  it('are these, each with the number that the program has', async () => {
    const rows = await written();
    expect(rows.map(([what]) => what)).toEqual(ROWS.map(([what]) => what));
    for (const [index, [what, limit]] of ROWS.entries())
      for (const part of limit)
        expect([what, rows[index]?.[1]]).toEqual([what, expect.stringContaining(part)]);
  });

  it('that are variables are variables', async () => {
    const named = (await written()).flatMap(([, limit]) => limit.match(/HUB_[A-Z_]+/g) ?? []);
    expect(named.length).toBeGreaterThan(4);
    for (const name of named) expect(Object.keys(variables)).toContain(name);
  });

  it.each(ROWS)('%s: has a test', async (_what, _limit, file, title) => {
    expect(await readFile(`test/${file}.test.ts`, 'utf8')).toContain(title);
  });
});
