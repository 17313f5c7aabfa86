/**
 * `npm run docs`: makes the pages of `docs/` that follow from the contract and the plan. With
 * `--check` it writes nothing and exits 1 when one of them is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { apiPage } from './api-page.js';
import { clausesPage } from './clauses-page.js';
import { readContract } from './contract.js';
import { errorsPage } from './errors-page.js';
import { openApiDocument } from './openapi.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const contract = readContract();
const pages = {
  'docs/api.md': apiPage(contract),
  'docs/clauses.md': clausesPage(),
  'docs/errors.md': errorsPage(contract),
  'docs/openapi.json': JSON.stringify(openApiDocument(contract, version)),
};

function held(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

const stale: string[] = [];
for (const [file, content] of Object.entries(pages)) {
  const fresh = await format(content, { ...(await resolveConfig(file)), filepath: file });
  if (fresh === held(file)) continue;
  stale.push(file);
  if (!process.argv.includes('--check')) writeFileSync(file, fresh);
}
if (stale.length > 0 && process.argv.includes('--check')) {
  process.stderr.write(`过期,请运行 npm run docs · stale, run npm run docs: ${stale.join(', ')}\n`);
  process.exitCode = 1;
}
