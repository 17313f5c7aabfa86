import { open, rm, type FileHandle } from 'node:fs/promises';
import type { Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { levelOf } from '../failure.js';

/** Something to mend in a row of a file. */
export interface RowFinding {
  readonly row: number;
  readonly messageId: string;
  /** Heading as the file has it. Empty: about the row as a whole, or a column that is not there. */
  readonly title: string;
  /** Reason of the refusal. Empty: the row was accepted, and this is a warning. */
  readonly reason: string;
  readonly finding: Pick<
    Finding,
    'rule' | 'field' | 'severity' | 'code' | 'messageZh' | 'messageEn'
  >;
}

/** In the order of {@link COLUMNS}. */
const HEADINGS = [
  '行号 row',
  '列 column',
  '字段 field',
  '规则 rule',
  '级别 severity',
  '中文说明 zh',
  '英文说明 en',
  '原因 reason',
  '代码 code',
  '消息编号 message_id',
];
/** Spreadsheets read CSV as UTF-8 only with it. */
const BYTE_ORDER_MARK = '\uFEFF';

function columnsOf({ row, title, reason, messageId, finding }: RowFinding) {
  const { field, rule, code, messageZh: zh, messageEn: en } = finding;
  const severity = levelOf(finding);
  return { row, column: title, field, rule, severity, zh, en, reason, code, message_id: messageId };
}

/** The findings of a file, row by row, beside it: CSV, or NDJSON when its name says so. */
export class FindingsFile {
  readonly path: string;
  readonly #json: boolean;
  #handle: FileHandle | undefined;
  #bytes: number;

  /** `bytes`: how much of a file that is there already is kept. */
  constructor(path: string, bytes: number) {
    this.path = path;
    this.#json = /\.(nd)?json(l)?$/i.test(path);
    this.#bytes = bytes;
  }

  /** Bytes written; what stands behind them is of a run that was killed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Removes what is not kept. */
  async begin(): Promise<void> {
    if (this.#bytes === 0) await rm(this.path, { force: true });
  }

  async append(findings: readonly RowFinding[]): Promise<void> {
    if (findings.length === 0) return;
    this.#handle ??= await this.#open();
    const lines = findings.map((one) => (this.#json ? jsonLine(one) : csvLine(one)));
    const head = this.#bytes === 0 && !this.#json ? BYTE_ORDER_MARK + csvCells(HEADINGS) : '';
    const bytes = Buffer.from(head + lines.join(''));
    await this.#handle.write(bytes, 0, bytes.length, this.#bytes);
    this.#bytes += bytes.length;
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #open(): Promise<FileHandle> {
    if (this.#bytes === 0) return open(this.path, 'w');
    const handle = await open(this.path, 'r+');
    await handle.truncate(this.#bytes);
    return handle;
  }
}

function jsonLine(finding: RowFinding): string {
  return `${JSON.stringify(columnsOf(finding))}\n`;
}

function csvLine(finding: RowFinding): string {
  return csvCells(Object.values(columnsOf(finding)).map(String));
}

/** Quoted where CSV needs it. What a spreadsheet would take for a formula is marked as text. */
function csvCells(cells: readonly string[]): string {
  const written = cells.map((cell) => {
    const text = /^[=+\-@\t]/.test(cell) ? `'${cell}` : cell;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${written.join(',')}\r\n`;
}
