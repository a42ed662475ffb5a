// The lint takes what CloudFront's JavaScript runtime 2.0 takes, and refuses what it refuses or does not list.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { EDGE } from './events.mjs';

const eslint = new ESLint({ cwd: fileURLToPath(EDGE) });

async function problemsOf(code, filePath = 'viewer-request.js') {
  const [{ messages }] = await eslint.lintText(code, { filePath });
  return messages;
}

const REFUSED = {
  'optional chaining': 'export_(event?.request);',
  '??': 'export_(event ?? 1);',
  '??=': 'let a = event; a ??= 1; export_(a);',
  '||=': 'let a = event; a ||= 1; export_(a);',
  'array destructuring': 'const [a] = event; export_(a);',
  'object destructuring': 'const { a } = event; export_(a);',
  'destructured parameters': 'const f = ({ a }) => a; export_(f);',
  'spread in a call': 'export_(...event);',
  'spread in an array': 'export_([...event]);',
  'spread in an object': 'export_({ ...event });',
  'default parameters': 'const f = (a = 1) => a; export_(f);',
  'for…of': 'for (const a of event) { export_(a); }',
  'for await': 'const f = async function () { for await (const a of event) { export_(a); } }; export_(f);',
  classes: 'class A {} export_(A);',
  'class expressions': 'export_(class {});',
  generators: 'const f = function* () { yield 1; }; export_(f);',
  'tagged templates': 'export_(event`a`);',
  'shorthand properties': 'const a = 1; export_({ a });',
  methods: 'export_({ a() { return 1; } });',
  'computed properties': 'export_({ [event]: 1 });',
  'catch without a binding': 'try { export_(1); } catch { export_(2); }',
  'async closures': 'export_(async () => 1);',
  'async functions in others': 'export_(function () { return async function () { return 1; }; });',
  'import of a module': "import fs from 'fs'; export_(fs);",
  'import()': "export_(import('cloudfront'));",
  'export of a name': 'export const a = 1;',
  'export default': 'export default export_;',
  'require of a module': "export_(require('fs'));",
  'require of what is computed': 'export_(require(event));',
  eval: "eval('1');",
  'new Function': "export_(new Function('return 1'));",
  Function: "export_(Function('return 1'));",
  setTimeout: 'setTimeout(export_, 1);',
  setImmediate: 'setImmediate(export_);',
  clearTimeout: 'clearTimeout(1);',
  fetch: "fetch('https://example.com');",
  XMLHttpRequest: 'export_(new XMLHttpRequest());',
  process: 'export_(process.env);',
  module: 'module.exports = export_;',
  exports: 'exports.handler = export_;',
  performance: 'export_(performance.now());',
  URL: "export_(new URL('https://example.com'));",
  crypto: 'export_(crypto.randomUUID());',
  structuredClone: 'export_(structuredClone(event));',
  Map: 'export_(new Map());',
  Set: 'export_(new Set());',
  Proxy: 'export_(new Proxy({}, {}));',
  BigInt: 'export_(BigInt(1));',
  'BigInt literals': 'export_(1n);',
  'console.log': "console.log('a');",
  'console.error': "console.error('a');",
  'Array.from': 'export_(Array.from(event));',
  'Object.fromEntries': 'export_(Object.fromEntries(event));',
  'Array.prototype.flat': 'export_(event.request.flat());',
  'Array.prototype.at': 'export_(event.at(-1));',
  'String.prototype.matchAll': "export_('a'.matchAll(event));",
  'String.prototype.normalize': 'export_(event.normalize());',
  'String.prototype.localeCompare': "export_(event.a.b.localeCompare('a'));",
  lookbehind: 'export_(/(?<=a)b/);',
  'the flag s': 'export_(/a/s);',
  'the flag u': 'export_(/a/u);',
  'new.target': 'export_(function () { return new.target; });',
  'private class fields': 'export_(class { #a = 1; });',
  'top-level await': 'await export_();',
  with: 'with (event) { export_(a); }',
  'octal literals': 'export_(010);',
  'undeclared variables': 'a = 1;',
  var: 'var a = 1; export_(a);',
};

const TAKEN = {
  'const, let and arrow functions': 'let a = 1; const f = (b) => b + a; a = 2; export_(f);',
  'template literals': 'export_(`a ${`b ${event}`}`);',
  'rest parameters': 'const f = (...rest) => rest; export_(f);',
  '** and numeric separators': 'export_(2 ** 1_000);',
  'for and for…in': 'for (let i = 0; i < 1; i += 1) { for (const a in event) { export_(a); } }',
  'listed methods': "export_(Object.entries(event).find((a) => a.includes('b')));",
  'listed methods of strings': "export_('a'.padStart(2).replaceAll('a', 'b').startsWith('b'));",
  'named groups': 'export_(/(?<year>\\d+)/g.exec(event));',
  'the listed modules': "export_(require('crypto').createHash('sha256').update('a').digest('hex'));",
  'the module of AWS': "import cf from 'cloudfront'; export_(cf);",
  Buffer: "export_(Buffer.from('a', 'base64').toString('hex'));",
  'catch with a binding': 'try { export_(1); } catch (error) { export_(error); }',
  'globals that are listed': 'export_(new TextDecoder(), atob(event), globalThis, Date.now(), Math.max(1, 2));',
};

// `event` and `export_` stand for anything: without them each sample would be refused for an unused value.
const around = (code) => `function export_() {}\nconst event = {};\nexport_(event);\n${code}`;

for (const [name, code] of Object.entries(REFUSED)) {
  test(`refuses ${name}`, async () => {
    assert.notDeepEqual(await problemsOf(around(code)), []);
  });
}

for (const [name, code] of Object.entries(TAKEN)) {
  test(`takes ${name}`, async () => {
    assert.deepEqual(await problemsOf(around(code)), []);
  });
}

test('takes an async handler', async () => {
  assert.deepEqual(await problemsOf('async function handler(event) {\n  await event;\n  return event.request;\n}\n'), []);
});

test('no comment turns the lint off', async () => {
  const code = '/* eslint-disable */\nfunction handler(event) {\n  return event?.request;\n}\n';
  assert.notDeepEqual(await problemsOf(code), []);
});

test('the signer logs nothing and depends on nothing', async () => {
  for (const code of ["console.log('a');", "import 'left-pad';", "import './other.mjs';", "process.stdout.write('a');"]) {
    assert.notDeepEqual(await problemsOf(`${code}\n`, 'origin-request.mjs'), []);
  }
});
