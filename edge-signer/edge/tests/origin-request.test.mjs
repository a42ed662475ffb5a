import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { handler } from '../origin-request.mjs';
import { bodyOf, originEvent, payloadHashes } from './events.mjs';

const HASH_HEADER = 'x-amz-content-sha256';
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const OTHER = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const METHODS_WITH_BODY = ['POST', 'PUT', 'PATCH'];

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const hashed = (value) => [{ key: HASH_HEADER, value }];
const hashSet = async (event) => (await handler(event)).headers[HASH_HEADER];

for (const { name, bytes, sha256: expected } of payloadHashes()) {
  test(`hashes ${name}`, async () => {
    assert.deepEqual(await hashSet(originEvent({ body: bodyOf(bytes) })), hashed(expected));
  });
}

for (const method of METHODS_WITH_BODY) {
  test(`${method}: the request goes on with the hash and nothing else changed`, async () => {
    const event = originEvent({ method });
    const before = structuredClone(event.Records[0].cf.request);
    const data = Buffer.from(before.body.data, 'base64');
    const headers = { ...before.headers, [HASH_HEADER]: hashed(sha256(data)) };
    assert.deepEqual(await handler(event), { ...before, headers });
  });
}

for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE']) {
  test(`${method}: the request goes on as it came`, async () => {
    for (const headers of [{}, { [HASH_HEADER]: 'wrong' }]) {
      const event = originEvent({ method, headers, body: undefined });
      const before = structuredClone(event.Records[0].cf.request);
      assert.deepEqual(await handler(event), before);
    }
  });
}

for (const text of ['', '{"text":"Hello"}', 'Grüße, 🌊 東京', 'aGVsbG8=']) {
  test(`hashes a body that comes as text: ${JSON.stringify(text)}`, async () => {
    const body = bodyOf(text, { encoding: 'text' });
    assert.deepEqual(await hashSet(originEvent({ body })), hashed(sha256(Buffer.from(text))));
  });
}

test('a body that is not there is an empty one', async () => {
  for (const body of [undefined, null, bodyOf('')]) {
    for (const length of [undefined, '0']) {
      const event = originEvent({ body, headers: { 'content-length': length } });
      assert.deepEqual(await hashSet(event), hashed(EMPTY));
    }
  }
});

test('passes a well-formed hash through, right or wrong, also where the body was cut', async () => {
  for (const inputTruncated of [false, true]) {
    for (const method of METHODS_WITH_BODY) {
      const body = bodyOf('Hello', { inputTruncated });
      const event = originEvent({ method, body, headers: { [HASH_HEADER]: OTHER } });
      const before = structuredClone(event.Records[0].cf.request);
      assert.deepEqual(await handler(event), before);
    }
  }
});

const UNUSABLE_HASHES = {
  'upper case': OTHER.toUpperCase(),
  'too short': OTHER.slice(1),
  'too long': `${OTHER}0`,
  'no hexadecimal': `g${OTHER.slice(1)}`,
  'with a newline': `${OTHER}\n`,
  'with spaces': ` ${OTHER} `,
  empty: '',
  'UNSIGNED-PAYLOAD': 'UNSIGNED-PAYLOAD',
  'two headers': [OTHER, EMPTY],
  'the same header twice': [OTHER, OTHER],
  'two in one header': `${OTHER}, ${OTHER}`,
};

for (const [name, value] of Object.entries(UNUSABLE_HASHES)) {
  test(`counts an unusable hash as none: ${name}`, async () => {
    const headers = { [HASH_HEADER]: value };
    const whole = originEvent({ headers, body: bodyOf('Hello') });
    assert.deepEqual(await hashSet(whole), hashed(sha256('Hello')));
    const cut = originEvent({ headers, body: bodyOf('Hello', { inputTruncated: true }) });
    assert.equal((await handler(cut)).status, '413');
  });
}
