import type { Name } from './names.js';
import { chinese } from './reader.js';

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
