import type { JsonValue } from '@bufbuild/protobuf';

/** Exit codes, as the README documents them. */
export const ExitCode = {
  /** 已完成. */
  DONE: 0,
  /** 有退回或发现: something was refused or found. */
  FOUND: 1,
  /** 用法有误: wrong usage or settings, or a file that can't be read. */
  USAGE: 2,
  /** 无法连接: the node (or its database) can't be reached, or takes nothing for now. */
  UNREACHABLE: 3,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What a command has to say, for a program and for a person. */
export interface Answer {
  /** With `--json`: the only thing on standard output. */
  readonly json: JsonValue;
  /** Without it: a table or a few lines. */
  readonly text: string;
  /** Unset: DONE. */
  readonly exitCode?: ExitCode;
}

/** A failure that is told as it is, in both languages. */
export class ToldError extends Error {
  readonly zh: string;
  readonly en: string;

  constructor(zh: string, en: string) {
    super(both(zh, en));
    this.name = new.target.name;
    this.zh = zh;
    this.en = en;
  }
}

/** The command was called wrongly, or with a file that can't be used. */
export class UsageError extends ToldError {}

/** A sentence in both languages of the product. */
export function both(zh: string, en: string): string {
  return `${zh} · ${en}`;
}
