import { startEmbeddedPostgres } from '../../server/postgres/embedded.js';

/**
 * A hub process in miniature, for tests that kill it: starts the embedded server on the data
 * directory given as first argument, writes its url as one line and stays; with `leave` as second
 * argument it has nothing more to do and ends without stopping the server.
 */
const dataDir = process.argv[2];
if (dataDir === undefined) throw new Error('usage: embedded-holder <data dir>');
const server = await startEmbeddedPostgres({ dataDir });
process.stdout.write(`${server.url}\n`);
if (process.argv[3] !== 'leave') setInterval(() => undefined, 60_000);
