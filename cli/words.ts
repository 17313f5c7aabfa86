import type { DescEnum } from '@bufbuild/protobuf';
import { timestampDate, type Timestamp } from '@bufbuild/protobuf/wkt';
import { Option } from 'commander';
import { both } from './answer.js';

/** Names of an enum without its prefix, such as `OPEN`; zero is what "not stated" means. */
function namesOf(values: DescEnum): string[] {
  return values.values.filter(({ number }) => number !== 0).map(({ localName }) => localName);
}

/** Name of a value without the prefix; '' for zero, digits for one that this program doesn't know. */
export function nameOf(values: DescEnum, number: number): string {
  return number === 0 ? '' : (values.value[number]?.localName ?? String(number));
}

/** Number of a name of {@link namesOf}; 0 when it is not stated. */
export function numberOf(values: DescEnum, name: string | undefined): number {
  return values.values.find(({ localName }) => localName === name)?.number ?? 0;
}

/** An option whose value is a name of an enum. */
export function choiceOption(flags: string, values: DescEnum, zh: string, en: string): Option {
  return option(flags, zh, en).choices(namesOf(values));
}

/** An option, described in both languages. */
export function option(flags: string, zh: string, en: string): Option {
  return new Option(flags, both(zh, en));
}

/** Codes of a list with commas, as an option has it; unset: none. */
export function codesOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

const SHANGHAI = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai',
  dateStyle: 'short',
  timeStyle: 'medium',
});

/** A moment as a clock in China shows it; '' when there is none. */
export function timeOf(timestamp: Timestamp | undefined): string {
  return timestamp ? SHANGHAI.format(timestampDate(timestamp)) : '';
}

/** The same of a date; '' when there is none. */
export function timeOfDate(date: Date | null): string {
  return date ? SHANGHAI.format(date) : '';
}
