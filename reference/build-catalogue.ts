/**
 * Makes the first catalogue from the raw lists and the hand-made tables in `raw/`:
 * `node --import tsx reference/build-catalogue.ts`. Same input, same output; the result is
 * committed, and a test fails when it no longer is what this makes.
 */
import { renderCatalogue } from './build/catalogue.js';
import { writeFiles } from './build/tables.js';

const files = renderCatalogue();
writeFiles(files);
for (const [path, text] of files) console.log(`${path}: ${text.split('\n').length - 2} rows`);
