import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Builds the console once for the whole run, as users have it built, before any node looks for it. */
export default async function setup(): Promise<void> {
  await promisify(execFile)(process.execPath, ['console/build.js']);
}
