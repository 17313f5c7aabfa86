import { InvalidArgumentError, type Option } from 'commander';
import { both } from './answer.js';
import { option } from './words.js';

/** How much of a list is wanted. */
export interface PageOptions {
  /** Entries at most. */
  readonly limit: number;
  /** Where an earlier answer ended. */
  readonly pageToken?: string;
}

/** Entries that a list shows when nothing is said. */
const PRESET = 100;
const MOST = 100_000;

/** The options of {@link PageOptions}. */
export function pageOptions(): Option[] {
  return [
    option('--limit <count>', '最多条数', 'entries at most').argParser(countOf).default(PRESET),
    option('--page-token <token>', '翻页标记:接上次结果', 'goes on where an earlier answer ended'),
  ];
}

/** A whole number from 1 to 100,000; throws commander's InvalidArgumentError. */
export function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MOST) return count;
  throw new InvalidArgumentError(both(`应为 1 至 ${MOST} 的整数`, `a whole number, 1 to ${MOST}`));
}

/** Some pages of a list. */
export interface Pages<Entry> {
  readonly entries: readonly Entry[];
  /** For `--page-token`; empty: there is no more. */
  readonly nextPageToken: string;
}

/** Reads pages, of at most `most` entries each, until there are enough or no more. */
export async function readPages<Entry>(
  { limit, pageToken = '' }: PageOptions,
  most: number,
  read: (page: { pageSize: number; pageToken: string }) => Promise<Pages<Entry>>,
): Promise<Pages<Entry>> {
  const entries: Entry[] = [];
  let token = pageToken;
  do {
    const pageSize = Math.min(most, limit - entries.length);
    const page = await read({ pageSize, pageToken: token });
    entries.push(...page.entries);
    token = page.nextPageToken;
  } while (token !== '' && entries.length < limit);
  return { entries, nextPageToken: token };
}

/** A line under a list that is not whole. */
export function moreOf({ nextPageToken }: Pages<unknown>): string {
  return nextPageToken === ''
    ? ''
    : `\n${both('还有更多', 'there is more')}: --page-token ${nextPageToken}`;
}
