import { readdirSync, readFileSync } from 'node:fs';

/** A field as the `.proto` file has it, with its comment. */
export interface WrittenField {
  readonly message: string;
  readonly name: string;
  readonly comment: string;
}

const FOLDER = new URL('../../proto/zhengzhao/v1/', import.meta.url);

/** Every field of every message of the contract. */
export function writtenFields(): WrittenField[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.proto'))
    .flatMap((file) => fieldsOf(readFileSync(new URL(file, FOLDER), 'utf8')));
}

function fieldsOf(source: string): WrittenField[] {
  const found: WrittenField[] = [];
  let message = '';
  let comment: string[] = [];
  for (const line of source.split('\n').map((one) => one.trim())) {
    if (line.startsWith('//')) {
      comment.push(line.slice(2).trim());
      continue;
    }
    const opened = /^(message|enum) (\w+) \{/.exec(line);
    if (opened) message = opened[1] === 'message' ? (opened[2] ?? '') : '';
    const [, name] = /^(?:optional |repeated )?[\w.]+ (\w+) = \d+;/.exec(line) ?? [];
    if (message !== '' && name !== undefined)
      found.push({ message, name, comment: comment.join(' ') });
    comment = [];
  }
  return found;
}

/** The Chinese term that a comment begins with. */
export function termOf(comment: string): string {
  return comment.split(/[\s:.,]/)[0] ?? '';
}

/** Abbreviations that stand before the explanation. `CA19` and the like name code lists. */
export function abbreviationsOf(comment: string): string[] {
  const head = comment
    .slice(termOf(comment).length)
    .replace(/`[^`]*`|\([^)]*\)/g, '')
    .split(/[:.,]/)[0];
  return [...(head ?? '').matchAll(/\b[A-Z][A-Z0-9_]{2,}\b/g)]
    .map(([abbreviation]) => abbreviation)
    .filter((abbreviation) => !/^CA\d+$/.test(abbreviation));
}

/** Characters that a comment allows; undefined when it does not say. */
export function lengthOf(comment: string): number | undefined {
  const [, most, codeMost] =
    /at most (\d+) characters|code \((\d+) characters at most/.exec(comment) ?? [];
  const said = most ?? codeMost;
  return said === undefined ? undefined : Number(said);
}
