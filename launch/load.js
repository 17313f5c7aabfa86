import module from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compiledFile, currentBuild } from './build.js';
import { PROJECT } from './sources.js';

/**
 * Loads a program, named by its source's place in the project, in its compiled form: the one that is
 * there, or one made now when the sources have changed since. Where none can be made, as in a folder
 * that may not be written to, the sources themselves are loaded, which takes some seconds longer. What
 * runs is always what the sources say.
 */
export async function load(program) {
  const build = await currentBuild().catch(() => undefined);
  if (build === undefined) return loadSource(program);
  // From Node 22 on packages need not be compiled at every start either.
  module.enableCompileCache?.(join(build, 'code-cache'));
  process.setSourceMapsEnabled(true);
  return import(pathToFileURL(compiledFile(build, program)).href);
}

async function loadSource(program) {
  const { register } = await import('tsx/esm/api');
  // Not the tsconfig.json of whatever directory the program is called from.
  register({ tsconfig: join(PROJECT, 'tsconfig.json') });
  return import(pathToFileURL(join(PROJECT, program)).href);
}
