#!/usr/bin/env node
import { load } from '../launch/load.js';

process.title = 'hub';
const { runCommandLine } = await load('cli/main.ts');
await runCommandLine(process.argv.slice(2));
