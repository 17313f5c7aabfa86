import type { Command, Option } from 'commander';
import { both, type Answer } from './answer.js';
import { Hub, hubOptions, type HubOptions } from './connection.js';
import { explainFailure } from './failure.js';
import { option } from './words.js';

/** Adds the commands of one group to the program. A group is one file of `commands/`. */
export type Group = (program: Command) => void;

/** Name and purpose of a group or an argument. */
export interface Described {
  /** As commander writes it: `packages`, or `<message-id>`, `[id...]` for an argument. */
  readonly name: string;
  readonly zh: string;
  readonly en: string;
}

/** One call of a command. */
export interface Call<Options> {
  readonly args: readonly string[];
  readonly options: Options;
  /** The node; it is first connected to when a client is asked for. */
  readonly hub: Hub;
  /** Whether a program reads the answer. */
  readonly json: boolean;
}

/** A command and what it does. */
export interface CommandSpec<Options> extends Described {
  readonly arguments?: readonly Described[];
  readonly options?: readonly Option[];
  /** True: it runs on this machine and takes no address of a node. */
  readonly local?: boolean;
  /** Another name of `--server`, where it is what the command is about. */
  readonly serverAlias?: string;
  run(call: Call<Options>): Promise<Answer>;
}

/** A group with commands of its own, such as `packages list`. */
export function addGroup(program: Command, { name, zh, en }: Described): Command {
  return program.command(name).description(both(zh, en));
}

/**
 * Adds a command: its options, `--json`, and for a remote one where the node is. Whatever it throws
 * is told in both languages and turned into an exit code.
 */
export function addCommand<Options extends object>(
  parent: Command,
  spec: CommandSpec<Options>,
): Command {
  const command = parent.command(spec.name).description(both(spec.zh, spec.en));
  for (const { name, zh, en } of spec.arguments ?? []) command.argument(name, both(zh, en));
  const where = spec.local === true ? [] : hubOptions(spec.serverAlias);
  for (const one of [...(spec.options ?? []), ...where, JSON_OPTION]) command.addOption(one);
  return command.action(async () => {
    const options = command.opts<Options & HubOptions & { json?: true }>();
    const hub = new Hub(options);
    const json = options.json === true;
    const answer = await spec
      .run({ args: command.args, options, hub, json })
      .catch((error: unknown) => explainFailure(error, options.server))
      .finally(() => hub.close());
    tell(answer, json);
  });
}

const JSON_OPTION = option('--json', '以 JSON 输出', 'writes JSON');

/** A command answers once; a failure goes where errors go, unless a program reads the answer. */
function tell({ json, text, exitCode = 0 }: Answer, asJson: boolean): void {
  process.exitCode = exitCode;
  if (asJson) process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  else if (text !== '') (exitCode > 1 ? process.stderr : process.stdout).write(`${text}\n`);
}
