// Events as AWS documents them, for the tests to change.
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

export const EDGE = new URL('../', import.meta.url);

const read = (path) => readFileSync(new URL(path, EDGE), 'utf8');

/** An event of CloudFront Functions, with these headers beside those of the documented one. */
export function viewerEvent(headers = {}) {
  const event = JSON.parse(read('tests/events/viewer-request.json'));
  Object.assign(event.request.headers, headers);
  return event;
}

/** Runs `viewer-request.js` as CloudFront does: strict, its `handler` a plain global, and nothing of Node.js. */
export function loadViewerRequest() {
  const context = vm.createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
  vm.runInContext(`'use strict';\n${read('viewer-request.js')}\nglobalThis.handler = handler;`, context);
  // Through JSON on both sides: what CloudFront hands over and takes is no object of ours.
  return (event) =>
    JSON.parse(vm.runInContext(`JSON.stringify(handler(${JSON.stringify(event)}))`, context));
}

/** An event of Lambda@Edge; `headers` is `{name: value or list of values}`, undefined takes one away. */
export function originEvent({ headers = {}, ...request } = {}) {
  const event = JSON.parse(read('tests/events/origin-request.json'));
  const given = event.Records[0].cf.request;
  Object.assign(given, request);
  for (const [name, values] of Object.entries(headers)) {
    given.headers[name] = values === undefined ? [] : [values].flat().map((value) => ({ key: name, value }));
  }
  return event;
}

/** The body of an event as CloudFront shows it. */
export function bodyOf(bytes, { encoding = 'base64', inputTruncated = false } = {}) {
  const data = encoding === 'base64' ? Buffer.from(bytes).toString('base64') : bytes;
  return { inputTruncated, action: 'read-only', encoding, data };
}

/** Bodies and their hashes, which the Rust tests read as well. */
export function payloadHashes() {
  return JSON.parse(read('../vectors/payload-hashes.json')).vectors.map((vector) => {
    const unit = Buffer.from(vector.body_base64, 'base64');
    return { ...vector, bytes: Buffer.concat(Array(vector.repeat).fill(unit)) };
  });
}
