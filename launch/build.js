/**
 * `npm run build:server` (and `npm ci`): compiles the program, so that it starts without compiling
 * itself. Plain JavaScript, because nothing that would compile it is at work yet; it needs esbuild only.
 *
 * A build is `dist/<fingerprint of its sources>/`: it is never changed and can not be stale, and
 * processes that build at once make the same.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprint, isSource, PROJECT } from './sources.js';

const DIST = join(PROJECT, 'dist');
/** Whoever still loads an older build has finished by then. */
const KEPT_MS = 10 * 60_000;

/** What is started as a process, by its place in the project. */
const PROGRAMS = ['cli/main.ts', 'server/main.ts'];

/** The folder of the build of these very sources, which is made when there is none; rejects when it can not be. */
export async function currentBuild() {
  const folder = join(DIST, fingerprint());
  return existsSync(folder) ? folder : build();
}

/** The file of a program in a build. All are side by side, so that their sources are equally far. */
export function compiledFile(folder, program) {
  return join(folder, `${outputName(program)}.js`);
}

function outputName(program) {
  return program.replace(/\.ts$/, '').replaceAll('/', '.');
}

async function build() {
  const draft = join(DIST, `draft-${randomUUID()}`);
  try {
    await mkdir(draft, { recursive: true });
    const folder = join(DIST, await compileInto(draft));
    await publish(draft, folder);
    await sweep(folder);
    return folder;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Answers the fingerprint of what was compiled: sources that are edited meanwhile are compiled again. */
async function compileInto(draft) {
  for (;;) {
    const compiled = fingerprint();
    const outputs = await compile(draft);
    if (fingerprint() !== compiled) continue;
    // On the disk before the build has its name: after a power cut it is whole or not there.
    for (const { path, contents } of outputs) await writeFile(path, contents, { flush: true });
    return compiled;
  }
}

/**
 * One file with its chunks instead of hundreds, with packages left where they are: it loads faster
 * than file by file, and packages that look for their own files find them.
 */
async function compile(outdir) {
  const { build: bundle } = await import('esbuild');
  const { outputFiles, metafile } = await bundle({
    absWorkingDir: PROJECT,
    entryPoints: PROGRAMS.map((program) => ({ in: program, out: outputName(program) })),
    outdir,
    write: false,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.11',
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'silent',
    plugins: [placesOfSources],
  });
  const unseen = Object.keys(metafile.inputs).filter((file) => !isSource(file));
  // A change of theirs would not make another build: their room belongs to launch/sources.js.
  if (unseen.length > 0) throw new Error(`no source of the program: ${unseen.join(', ')}`);
  return outputFiles;
}

/** Data files are found from where a source is, so compiled code has to say where its source is. */
const placesOfSources = {
  name: 'places of sources',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const contents = await readFile(path, 'utf8');
      if (!contents.includes('import.meta.url')) return undefined;
      const place = JSON.stringify(`../../${relative(PROJECT, path)}`);
      return {
        contents: contents.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`),
        loader: 'ts',
      };
    });
  },
};

/** Gives a build its name. Another process may have been faster with the same. */
async function publish(draft, folder) {
  await rename(draft, folder).catch((error) => {
    if (!existsSync(folder)) throw error;
  });
}

/** Older builds go, and drafts of processes that were killed. */
async function sweep(current) {
  const names = await readdir(DIST);
  for (const name of names.filter((one) => one !== basename(current))) {
    const path = join(DIST, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > KEPT_MS) await rm(path, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await currentBuild();
