import { normaliseSentinel } from '../domain/identifiers/civil-date.js';
import type { Name } from './names.js';
import { chinese, type Reader } from './reader.js';
import { statedDay } from './standing.js';
import type { Words } from './words.js';

/** One thing that is known, with its label. */
export interface Fact {
  readonly label: string;
  readonly value: Name;
}

/** A fact that the data state; none when they do not. */
export function given(label: string, text: string): Fact[] {
  return text === '' ? [] : [{ label, value: chinese(text) }];
}

/** A fact whose value has a name. */
export function named(label: string, value: Name): Fact[] {
  return value.text === '' ? [] : [{ label, value }];
}

/** The last day of something, in words where it has none; empty when none is stated (VR9). */
export function lastDay(date: string, { longTerm }: Pick<Words, 'longTerm'>): string {
  return normaliseSentinel(date).longTerm ? longTerm : statedDay(date);
}

/** From one day to another; none when neither is stated, nor marked as without end (VR9). */
export function period(
  label: string,
  [from, to, isLongTerm]: readonly [from: string, to: string, isLongTerm: boolean],
  { words, language }: Pick<Reader, 'words' | 'language'>,
): Fact[] {
  const start = statedDay(from);
  const end = isLongTerm ? words.longTerm : lastDay(to, words);
  if (start === '' && end === '') return [];
  const text = [start || words.notStated, words.to, end || words.notStated].join(' ');
  return named(label, { text, language });
}

/** Several names as one. */
export function joined(names: readonly Name[]): Name {
  const [first] = names;
  const separator = first?.language === 'en' ? '; ' : ';';
  return { text: names.map(({ text }) => text).join(separator), language: first?.language ?? 'zh' };
}

/** 分 as 元, with groups of three digits. */
export function yuan(fen: bigint): string {
  const cents = (fen % 100n).toString().padStart(2, '0');
  return `${(fen / 100n).toLocaleString('en')}.${cents}`;
}
