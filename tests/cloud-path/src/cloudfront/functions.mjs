// Runs the two deployed files in one process of Node: a line of JSON in for each event, one out for
// each result. The files are loaded as CloudFront loads them: viewer-request.js as a script without
// anything of Node, origin-request.mjs as a module.
//
// in: {"id", "function": "viewer-request" | "origin-request", "event"}    out: {"id", "result"} or {"id", "error"}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';

const directory = process.argv[2];
const context = vm.createContext({});
vm.runInContext(readFileSync(join(directory, 'viewer-request.js'), 'utf8'), context);
const { handler } = await import(pathToFileURL(join(directory, 'origin-request.mjs')));

function run({ function: name, event }) {
  if (name === 'origin-request') {
    return handler(event, {});
  }
  // Across as text: the script's objects must be made of its own context's classes.
  context.event = JSON.stringify(event);
  return JSON.parse(vm.runInContext('JSON.stringify(handler(JSON.parse(event)))', context));
}

for await (const line of createInterface({ input: process.stdin })) {
  const call = JSON.parse(line);
  Promise.resolve()
    .then(() => run(call))
    .then((result) => ({ id: call.id, result }))
    .catch((error) => ({ id: call.id, error: String(error?.message ?? error) }))
    .then((answer) => process.stdout.write(`${JSON.stringify(answer)}\n`));
}
