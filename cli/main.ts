import { CommanderError } from 'commander';
import { both, ExitCode } from './answer.js';
import { createProgram } from './program.js';

/** Runs the command line; `args` without node and script. Sets the exit code and never throws. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  leaveWithReader();
  try {
    await createProgram().parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? ExitCode.DONE : ExitCode.USAGE;
    if (error.exitCode !== 0) explainUsage(error, args.includes('--json'));
  }
}

/** What commander complains of, by the code of its error. */
const COMPLAINTS: Readonly<Record<string, string>> = {
  'commander.unknownCommand': '没有这个命令',
  'commander.unknownOption': '没有这个选项',
  'commander.missingArgument': '缺少参数',
  'commander.excessArguments': '参数过多',
  'commander.optionMissingArgument': '选项缺少值',
  'commander.missingMandatoryOptionValue': '缺少必填选项',
  'commander.conflictingOption': '选项互相冲突',
  'commander.invalidArgument': '参数或选项的值无效',
};

function explainUsage({ code, message }: CommanderError, json: boolean): void {
  // A group that is called without a command has shown its help already.
  if (code === 'commander.help') return;
  const zh = `用法有误:${COMPLAINTS[code] ?? code}`;
  const en = message.replace(/^error: /, '');
  const error = { reason: 'USAGE', messageZh: zh, messageEn: en, metadata: {}, findings: [] };
  if (json) process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
  else process.stderr.write(`${both(zh, en)}\n${both('帮助', 'help')}: hub --help\n`);
}

/** `hub … | head`: who reads no more is no error. */
function leaveWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(process.exitCode ?? ExitCode.DONE);
  });
}
