/** `node launch/run.js PROGRAM ARGS…`: runs a program of the project, such as `server/main.ts`. */
import { join } from 'node:path';
import { load } from './load.js';
import { PROJECT } from './sources.js';

const [, , program = ''] = process.argv;
process.title = `hub ${program}`;
process.argv.splice(1, 2, join(PROJECT, program));
await load(program);
