import { spawn } from 'node:child_process';
import { z } from 'zod';

/** What the registry knows of the packages that run in production. */
export type Advisories =
  | { readonly kind: 'asked'; readonly serious: readonly string[]; readonly lesser: number }
  /** Nobody was asked: not the same as nothing being known. */
  | { readonly kind: 'not-asked'; readonly why: string };

const SERIOUS = ['high', 'critical'];
const ASKING_MS = 60_000;

const report = z.object({
  vulnerabilities: z.record(
    z.string(),
    z.object({ name: z.string(), severity: z.string(), range: z.string() }),
  ),
});
/** npm says why in one of two forms. */
const failure = z.union([
  z.object({ message: z.string() }).transform(({ message }) => message),
  z.object({ error: z.object({ summary: z.string() }) }).transform(({ error }) => error.summary),
]);

/** Asks the registry by `npm audit`. `env`: what npm is told beside its own configuration. */
export async function askForAdvisories(env: NodeJS.ProcessEnv = process.env): Promise<Advisories> {
  const said = await runAudit(env);
  const parsed = report.safeParse(said);
  if (!parsed.success) {
    const told = failure.safeParse(said);
    return { kind: 'not-asked', why: (told.success && told.data) || 'npm gave no answer' };
  }
  const known = Object.values(parsed.data.vulnerabilities);
  const serious = known.filter(({ severity }) => SERIOUS.includes(severity));
  return {
    kind: 'asked',
    serious: serious.map(({ name, severity, range }) => `${name} ${range}: ${severity}`),
    lesser: known.length - serious.length,
  };
}

/** What npm wrote, as JSON; undefined when it was none or took too long. */
function runAudit(env: NodeJS.ProcessEnv): Promise<unknown> {
  const args = ['audit', '--omit=dev', '--json', '--fetch-retries=0'];
  const child = spawn('npm', args, {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: ASKING_MS,
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
  return new Promise((resolve) => {
    child.once('error', () => resolve(undefined));
    child.once('close', () => {
      try {
        resolve(JSON.parse(text));
      } catch {
        resolve(undefined);
      }
    });
  });
}
