import { runNode } from './run-node.js';
import { announcements } from './welcome.js';

process.exit(await runNode(process.env, announcements));
