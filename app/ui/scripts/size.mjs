// Fails when the JavaScript of the first load exceeds its budget.
// Usage: npm run size [-- DIRECTORY], after a build; the directory defaults to dist.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const BUDGET_BYTES = 300_000;
const directory = process.argv[2] ?? 'dist';
const html = readFileSync(join(directory, 'index.html'), 'utf8');

// The first load is what index.html names: its scripts, and the chunks that they import (Vite preloads these).
const sources = [
  ...html.matchAll(/<script\b[^>]*\bsrc="([^"]+)"/g),
  ...html.matchAll(/<link\b[^>]*\brel="modulepreload"[^>]*\bhref="([^"]+)"/g),
].map(match => match[1]);
if (sources.length === 0) throw new Error(`${directory}/index.html loads no script`);

let total = 0;
for (const source of new Set(sources)) {
  const size = gzipSync(readFileSync(join(directory, source)), { level: 9 }).length;
  total += size;
  console.log(`${String(size).padStart(8)} B gzipped  ${source}`);
}
console.log(`${String(total).padStart(8)} B gzipped  first load, of ${BUDGET_BYTES} B allowed`);
if (total > BUDGET_BYTES) {
  console.error('The first load is over its budget.');
  process.exit(1);
}
