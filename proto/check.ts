/**
 * The contract's own check: lint, format, no breaking change against the released contract, and
 * generated code that is not stale. `--release` takes the contract as it is for the released one.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Image of the contract that other nodes and clients rely on. */
const RELEASED = 'proto/released.binpb';
const OWN = 'proto/zhengzhao';
const BIN = join(process.cwd(), 'node_modules', '.bin');
const BUF = join(BIN, 'buf');
// buf finds the generator's plugin on the path.
const ENV = { ...process.env, PATH: `${BIN}:${process.env['PATH'] ?? ''}` };

/** Runs buf; it says itself what is wrong. */
function buf(...args: string[]): void {
  if (spawnSync(BUF, args, { stdio: 'inherit', env: ENV }).status !== 0) process.exit(1);
}

/** Files below a directory, by relative path. */
function filesOf(dir: string): Map<string, string> {
  const names = readdirSync(dir, { recursive: true, withFileTypes: true });
  return new Map(
    names
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(dir.length), readFileSync(path, 'utf8')];
      }),
  );
}

/** Compares images: with several modules in the workspace buf can't compare it directly. */
function requireCompatible(): void {
  const dir = mkdtempSync(join(tmpdir(), 'zhengzhao-proto-'));
  const current = join(dir, 'current.binpb');
  buf('build', '--path', OWN, '-o', current);
  const rules = JSON.stringify({ version: 'v2', breaking: { use: ['FILE'] } });
  buf('breaking', current, '--against', RELEASED, '--config', rules, '--against-config', rules);
  rmSync(dir, { recursive: true });
}

function requireFresh(): void {
  const dir = mkdtempSync(join(tmpdir(), 'zhengzhao-proto-'));
  try {
    buf('generate', '-o', dir);
    const fresh = filesOf(join(dir, 'proto/gen'));
    const committed = filesOf('proto/gen');
    const stale = [...new Set([...fresh.keys(), ...committed.keys()])].filter(
      (name) => fresh.get(name) !== committed.get(name),
    );
    if (stale.length === 0) return;
    process.stderr.write(`proto/gen is stale, run npm run generate: ${stale.join(', ')}\n`);
    process.exit(1);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

if (process.argv.includes('--release')) {
  buf('build', '--path', OWN, '-o', RELEASED);
} else {
  buf('lint');
  buf('format', '--diff', '--exit-code', 'proto');
  requireCompatible();
  requireFresh();
}
