// What the signer answers by itself: 413 and 502.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handler } from '../origin-request.mjs';
import { bodyOf, originEvent } from './events.mjs';

const FRESH_TRACE_ID = /^[0-9a-f]{32}$/;
const SECRETS = ['tw_secret', 'a private question', 'Bearer'];

const cut = (request = {}) =>
  originEvent({ body: bodyOf('a private question', { inputTruncated: true }), ...request });
const broken = (request = {}) => originEvent({ body: { encoding: 'base64' }, ...request });

/** The headers as `{name: value}`, having made sure of their shape. */
function headersOf(response) {
  const entries = Object.entries(response.headers).map(([name, lines]) => {
    assert.equal(lines.length, 1);
    assert.equal(lines[0].key.toLowerCase(), name);
    assert.equal(typeof lines[0].value, 'string');
    return [name, lines[0].value];
  });
  return Object.fromEntries(entries);
}

for (const uri of ['/v1', '/v1/chat/completions', '/v1/']) {
  test(`413 in OpenAI's shape for ${uri}`, async () => {
    const response = await handler(cut({ uri }));
    assert.equal(response.status, '413');
    assert.equal(response.statusDescription, 'Payload Too Large');
    assert.equal(response.bodyEncoding, 'text');
    assert.equal(headersOf(response)['content-type'], 'application/json');
    const { error, ...others } = JSON.parse(response.body);
    assert.deepEqual(others, {});
    assert.deepEqual(Object.keys(error), ['message', 'type', 'param', 'code']);
    assert.deepEqual([error.type, error.param, error.code], ['invalid_request_error', null, 'body_too_large_to_hash']);
    assert.match(error.message, /x-amz-content-sha256.*presigned URL/s);
  });
}

for (const uri of ['/api/conversations', '/', '/v1x', '/v10/chat', '/api/v1/x']) {
  test(`413 as a problem document for ${uri}`, async () => {
    const response = await handler(cut({ uri }));
    assert.equal(response.status, '413');
    assert.equal(headersOf(response)['content-type'], 'application/problem+json');
    const { detail, trace_id: traceId, ...others } = JSON.parse(response.body);
    assert.deepEqual(others, {
      type: 'about:blank',
      title: 'Payload Too Large',
      status: 413,
      code: 'body_too_large_to_hash',
    });
    assert.match(detail, /x-amz-content-sha256.*presigned URL/s);
    assert.match(traceId, FRESH_TRACE_ID);
    assert.equal(headersOf(response)['x-trace-id'], traceId);
  });
}

test('takes the trace id of the request where it is well formed', async () => {
  const given = ['my-trace-0001', 'a'.repeat(128), 'A.b_c:d-'];
  for (const traceId of given) {
    const response = await handler(cut({ uri: '/api/x', headers: { 'x-trace-id': traceId } }));
    assert.equal(headersOf(response)['x-trace-id'], traceId);
    assert.equal(JSON.parse(response.body).trace_id, traceId);
  }
});

test('makes a trace id where that of the request is not well formed', async () => {
  const made = new Set();
  const given = [undefined, '', 'seven77', 'a'.repeat(129), 'has space', 'grüße-grüße', 'newline-\n', '<script>'];
  for (const traceId of given) {
    const response = await handler(cut({ headers: { 'x-trace-id': traceId } }));
    made.add(headersOf(response)['x-trace-id']);
  }
  assert.equal(made.size, given.length);
  for (const traceId of made) assert.match(traceId, FRESH_TRACE_ID);
});

test('of two trace ids the first counts, as in the app', async () => {
  const response = await handler(cut({ headers: { 'x-trace-id': ['first-one', 'second-one'] } }));
  assert.equal(headersOf(response)['x-trace-id'], 'first-one');
});

for (const origin of ['https://app.example.com', 'http://localhost:5173', 'null']) {
  test(`lets a page of ${origin} read the answer, without credentials`, async () => {
    for (const event of [cut, broken]) {
      const headers = headersOf(await handler(event({ headers: { origin } })));
      assert.equal(headers['access-control-allow-origin'], origin);
      assert.equal(headers['access-control-expose-headers'], 'X-Trace-Id');
      assert.equal(headers['access-control-allow-credentials'], undefined);
      assert.equal(headers.vary, 'Origin');
    }
  });
}

test('allows no origin where none, two or no sensible one came', async () => {
  for (const origin of [undefined, ['https://a.example', 'https://b.example'], 'https://a.example https://b.example', '']) {
    const headers = headersOf(await handler(cut({ headers: { origin } })));
    assert.equal(headers['access-control-allow-origin'], undefined);
    assert.equal(headers['access-control-expose-headers'], undefined);
    assert.equal(headers.vary, 'Origin');
  }
});

test('answers are not cached and not sniffed', async () => {
  for (const event of [cut(), broken()]) {
    const headers = headersOf(await handler(event));
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-content-type-options'], 'nosniff');
  }
});

for (const [reason, request] of [
  ['the body of the event has no data', { body: { encoding: 'base64' } }],
  ['the body of the event has no data', { body: { encoding: 'base64', data: 7 } }],
  ['the body of the event has an unknown encoding', { body: { encoding: 'gzip', data: '' } }],
  ['"include body" is off', { body: undefined }],
  ['"include body" is off', { body: undefined, headers: { 'content-length': undefined, 'transfer-encoding': 'chunked' } }],
]) {
  test(`502 says so: ${reason} (${JSON.stringify(request)})`, async () => {
    const response = await handler(originEvent(request));
    assert.deepEqual([response.status, response.statusDescription], ['502', 'Bad Gateway']);
    const { error } = JSON.parse(response.body);
    assert.deepEqual([error.type, error.param, error.code], ['server_error', null, 'signer_failed']);
    assert.ok(error.message.includes(reason), error.message);
  });
}

test('502 as a problem document beside /v1', async () => {
  const response = await handler(broken({ uri: '/api/conversations', headers: { 'x-trace-id': 'my-trace-0001' } }));
  assert.equal(headersOf(response)['content-type'], 'application/problem+json');
  const { detail, ...others } = JSON.parse(response.body);
  assert.deepEqual(others, {
    type: 'about:blank',
    title: 'Bad Gateway',
    status: 502,
    code: 'signer_failed',
    trace_id: 'my-trace-0001',
  });
  assert.match(detail, /signer .* failed/);
});

test('502 for events that are none, and for requests that cannot be changed', async () => {
  const frozen = originEvent();
  Object.freeze(frozen.Records[0].cf.request.headers);
  const headers = { origin: 'none', 'x-trace-id': [null], 'content-length': [{}] };
  const odd = { Records: [{ cf: { request: { method: 'POST', uri: 7, headers } } }] };
  for (const event of [undefined, null, {}, { Records: [] }, { Records: [{ cf: {} }] }, frozen, odd]) {
    const response = await handler(event);
    assert.equal(response.status, '502');
    assert.match(headersOf(response)['x-trace-id'], FRESH_TRACE_ID);
  }
});

test('a failure that is not ours tells nothing of what it met', async () => {
  const event = originEvent();
  event.Records[0].cf.request.body = {
    get inputTruncated() {
      throw new Error('a private question');
    },
  };
  const response = await handler(event);
  assert.equal(response.status, '502');
  assert.ok(!JSON.stringify(response).includes('private'));
});

test('answers hold nothing of the request beside its trace id and origin', async () => {
  for (const event of [cut(), broken(), cut({ uri: '/api/a private question' })]) {
    const answer = JSON.stringify(await handler(event));
    for (const secret of SECRETS) assert.ok(!answer.includes(secret), answer);
  }
});

test('nothing is written to any log', async (t) => {
  const written = [];
  const spy = (...args) => {
    written.push(args);
    return true;
  };
  for (const method of ['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn']) t.mock.method(console, method, spy);
  const streams = [t.mock.method(process.stdout, 'write', spy), t.mock.method(process.stderr, 'write', spy)];
  try {
    for (const event of [originEvent(), originEvent({ method: 'GET' }), cut(), broken(), undefined]) await handler(event);
  } finally {
    // The reporter needs them back before this test ends.
    for (const stream of streams) stream.mock.restore();
  }
  assert.deepEqual(written, []);
});
