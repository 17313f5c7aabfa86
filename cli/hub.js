#!/usr/bin/env node
// Plain JavaScript, so that Node starts it as it is; what it starts is TypeScript.
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

// Not the tsconfig.json of whatever directory the command is called from.
register({ tsconfig: fileURLToPath(new URL('../tsconfig.json', import.meta.url)) });
const { runCommandLine } = await import('./main.ts');
await runCommandLine(process.argv.slice(2));
