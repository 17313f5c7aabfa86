import { Command } from 'commander';
import { both } from './answer.js';
import type { Group } from './command.js';
import { access } from './commands/access.js';
import { catalogue } from './commands/catalogue.js';
import { certificates } from './commands/certificates.js';
import { conformance } from './commands/conformance.js';
import { deliveries } from './commands/deliveries.js';
import { history } from './commands/history.js';
import { onboard } from './commands/onboard.js';
import { packages } from './commands/packages.js';
import { reconcile } from './commands/reconcile.js';
import { register } from './commands/register.js';
import { report } from './commands/report.js';
import { restored } from './commands/restored.js';
import { start } from './commands/start.js';
import { status } from './commands/status.js';
import { submit } from './commands/submit.js';
import { trace } from './commands/trace.js';
import { verify } from './commands/verify.js';
import { whoami } from './commands/whoami.js';
import { worklist } from './commands/worklist.js';

/** Every group, in the order of the help. A new one is its file and its line here. */
const GROUPS: readonly Group[] = [
  start,
  status,
  whoami,
  catalogue,
  register,
  submit,
  trace,
  packages,
  worklist,
  deliveries,
  reconcile,
  report,
  history,
  access,
  onboard,
  restored,
  certificates,
  verify,
  conformance,
];

/** Headings of commander's help, in both languages. */
const HEADINGS: Readonly<Record<string, string>> = {
  'Usage:': '用法 · Usage:',
  'Arguments:': '参数 · Arguments:',
  'Options:': '选项 · Options:',
  'Commands:': '命令 · Commands:',
};

const EXIT_CODES = `
退出码 · Exit codes:
  0  已完成 · done
  1  有退回或发现 · something was refused or found
  2  用法或设置有误,或文件无法读取 · wrong usage or settings, or a file can't be read
  3  无法连接节点(或其数据库),或节点暂不受理 · the node (or its database) can't be reached, or takes nothing for now`;

/** The whole command line. Wrong usage is thrown as CommanderError. */
export function createProgram(): Command {
  const program = new Command('hub')
    .description(both('证照分离数据交换中心命令行', 'command line of the 证照分离 data exchange'))
    .addHelpText('after', EXIT_CODES);
  for (const add of GROUPS) add(program);
  for (const command of everyCommand(program)) settle(command);
  return program;
}

/** A command and all below it. */
export function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function settle(command: Command): void {
  command
    .exitOverride()
    .helpOption('-h, --help', both('显示帮助', 'shows this help'))
    .configureHelp({ styleTitle: (title) => HEADINGS[title] ?? title, showGlobalOptions: false })
    // What is wrong with the usage is told in one place, in both languages.
    .configureOutput({ outputError: () => undefined });
  if (command.commands.length > 0)
    command.helpCommand('help [command]', both('显示命令的帮助', 'shows the help of a command'));
}
