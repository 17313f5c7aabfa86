import { build } from 'vite';

/** Builds the console once for the whole run, before any node looks for it. */
export default async function setup(): Promise<void> {
  await build({ root: 'console', logLevel: 'error' });
}
