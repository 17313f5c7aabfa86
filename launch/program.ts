import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Whoever starts a node gives Node.js these; it takes them at no later time. Twice the usual space for
 * young objects: what a batch allocates is then mostly gone before it would be copied, which saves a
 * twentieth of the processor time for some 30 MB.
 */
export const NODE_FLAGS = ['--max-semi-space-size=32'] as const;

/** What `spawn` needs to start a node as a process of its own. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv };
}

/**
 * The program, for whoever starts nodes: demo, chaos run, fuzzer, tests. `env`: its HUB_* variables.
 * `preload`: plain JavaScript that is loaded before it, by its place in the project.
 */
export function programWith(
  env: Readonly<Record<string, string>>,
  preload: readonly string[] = [],
): Program {
  const imports = preload.flatMap((module) => ['--import', module]);
  return {
    file: process.execPath,
    args: [...imports, ...NODE_FLAGS, 'launch/run.js', 'server/main.ts'],
    options: { cwd: PROJECT, env: environmentWith(env) },
  };
}

/** The environment of this process with these HUB_* variables and none of its own. */
export function environmentWith(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('HUB_'));
  return { ...Object.fromEntries(own), ...env };
}
