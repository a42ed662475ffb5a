import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { EDGE, loadViewerRequest, viewerEvent } from './events.mjs';

const CARRIER = 'x-tidewire-authorization';
const handler = loadViewerRequest();

function headersAfter(headers) {
  return handler(viewerEvent(headers)).headers;
}

test('is smaller than the 10 kB that CloudFront takes', () => {
  assert.ok(statSync(new URL('viewer-request.js', EDGE)).size < 10_000);
});

test('carries Authorization over and leaves the rest of the request as it came', () => {
  const { request: sent } = viewerEvent();
  const { authorization, ...others } = sent.headers;
  const carried = { [CARRIER]: authorization, 'x-tidewire-host': others.host };
  assert.deepEqual(handler(viewerEvent()), { ...sent, headers: { ...others, ...carried } });
});

test('carries nothing where the viewer sent nothing', () => {
  const event = viewerEvent();
  delete event.request.headers.authorization;
  const { headers } = handler(event);
  assert.equal(headers.authorization, undefined);
  assert.equal(headers[CARRIER], undefined);
});

test('a forged carrier does not stand in for an Authorization that is not there', () => {
  const event = viewerEvent({ [CARRIER]: { value: 'Bearer forged' } });
  delete event.request.headers.authorization;
  assert.equal(handler(event).headers[CARRIER], undefined);
});

test('a forged carrier, sent once or twice, gives way to Authorization', () => {
  const forged = { value: 'Bearer a', multiValue: [{ value: 'Bearer a' }, { value: 'Bearer b' }] };
  for (const carrier of [{ value: 'Bearer forged' }, forged]) {
    assert.deepEqual(headersAfter({ [CARRIER]: carrier })[CARRIER], { value: 'Bearer tw_viewer' });
  }
});

test('of two Authorization headers none is chosen', () => {
  const twice = { value: 'Bearer a', multiValue: [{ value: 'Bearer a' }, { value: 'Bearer b' }] };
  const headers = headersAfter({ authorization: twice });
  assert.deepEqual(headers[CARRIER], { value: 'Bearer a, Bearer b' });
  assert.equal(headers.authorization, undefined);
});

test('the host that the viewer asked for is carried, whatever the viewer says under that name', () => {
  const headers = headersAfter({ host: { value: 'chat.example' }, 'x-tidewire-host': { value: 'forged' } });
  assert.deepEqual(headers['x-tidewire-host'], { value: 'chat.example' });
  assert.deepEqual(headers.host, { value: 'chat.example' });
});

test('any scheme is carried as it is, also an empty value', () => {
  for (const value of ['Basic dXNlcjpwYXNz', 'AWS4-HMAC-SHA256 Credential=AKIA/x', '']) {
    assert.deepEqual(headersAfter({ authorization: { value } })[CARRIER], { value });
  }
});

for (const name of [
  'x-tidewire-principal',
  'x-tidewire-',
  'x-amz-source-arn',
  'x-amz-source-account',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-user-agent',
  'x-amzn-request-context',
  'x-amzn-lambda-context',
  'x-amzn-oidc-identity',
  'x-amzn-trace-id',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'forwarded',
]) {
  test(`removes ${name} whether it came once or twice`, () => {
    const twice = { value: 'a', multiValue: [{ value: 'a' }, { value: 'b' }] };
    for (const header of [{ value: 'forged' }, twice]) {
      assert.equal(headersAfter({ [name]: header })[name], undefined);
    }
  });
}

for (const name of [
  'x-amz-content-sha256',
  'x-api-key',
  'x-trace-id',
  'x-tidewire',
  'x-amzing',
  'forwarded-by',
  'origin',
  'cookie',
  'last-event-id',
]) {
  test(`keeps ${name} as it came`, () => {
    const twice = { value: 'a', multiValue: [{ value: 'a' }, { value: 'b' }] };
    for (const header of [{ value: 'kept' }, twice]) {
      assert.deepEqual(headersAfter({ [name]: header })[name], header);
    }
  });
}

test('takes a request without any header', () => {
  const event = viewerEvent();
  event.request.headers = {};
  assert.deepEqual(handler(event).headers, {});
});
