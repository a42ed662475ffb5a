// OpenAI's JavaScript SDK.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { DISCONNECT, startService } from './service.mjs';

const TEXT = 'Grüße, 🌊 "quoted" \\ and\n\na data: line';
const service = await startService();
const client = clientWith(service.key);
const user = content => [{ role: 'user', content }];

function clientWith(apiKey) {
  return new OpenAI({ baseURL: service.openaiUrl, apiKey, maxRetries: 0 });
}

async function readChunks(model, content, options = {}) {
  const stream = await client.chat.completions.create({ model, messages: user(content), stream: true, ...options });
  return collect(stream);
}

async function collect(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

const textOf = chunks => chunks.map(chunk => chunk.choices[0]?.delta.content ?? '').join('');
const finishReasonOf = chunks => chunks.findLast(chunk => chunk.choices.length > 0).choices[0].finish_reason;

for (const model of ['echo', 'bytewise', 'whole', 'reasoner', 'no-usage', 'claude']) {
  test(`a streamed answer of ${model}`, async () => {
    const chunks = await readChunks(model, TEXT);
    assert.equal(textOf(chunks), TEXT);
    assert.equal(finishReasonOf(chunks), 'stop');
  });
}

test('a whole answer', async () => {
  const { choices, usage } = await client.chat.completions.create({ model: 'echo', messages: user('one two') });
  assert.equal(choices[0].message.content, 'one two');
  assert.equal(usage.completion_tokens, 2);
});

test('usage comes last where it is asked for', async () => {
  const chunks = await readChunks('echo', 'one two three', { stream_options: { include_usage: true } });
  const last = chunks.pop();
  assert.deepEqual(last.choices, []);
  assert.equal(last.usage.completion_tokens, 3);
  assert.equal(last.usage.total_tokens, last.usage.prompt_tokens + 3);
  assert.ok(chunks.every(chunk => chunk.usage === null));
});

test('the stream helper puts the answer together', async () => {
  const stream = client.chat.completions.stream({ model: 'echo', messages: user(TEXT) });
  const deltas = [];
  stream.on('content', delta => deltas.push(delta));
  assert.equal(await stream.finalContent(), TEXT);
  assert.equal(deltas.join(''), TEXT);
  assert.ok(deltas.length > 1);
});

for (const reason of ['length', 'content_filter']) {
  test(`an answer that ends for ${reason}`, async () => {
    assert.equal(finishReasonOf(await readChunks('echo', `hello [[${reason}]]`)), reason);
  });
}

for (const stream of [false, true]) {
  test(`the tool runner goes round by itself, ${stream ? 'streamed' : 'whole'}`, async () => {
    const asked = [];
    const runner = client.chat.completions.runTools({
      model: 'echo',
      messages: user('use tool'),
      stream,
      tools: [
        {
          type: 'function',
          function: {
            name: 'lookup',
            description: 'Looks something up',
            parameters: { type: 'object', properties: { input: { type: 'string' } } },
            parse: JSON.parse,
            function: given => {
              asked.push(given);
              return '42 möwen';
            },
          },
        },
      ],
    });
    assert.equal(await runner.finalContent(), 'The tool said: 42 möwen');
    assert.deepEqual(asked, [{ input: 'use tool' }]);
  });
}

test('reasoning comes apart from the answer', async () => {
  const chunks = await readChunks('reasoner', 'the answer');
  const thought = chunks.map(chunk => chunk.choices[0]?.delta.reasoning_content ?? '').join('');
  assert.equal(thought, 'The user wants an answer. I think about it step by step.');
});

test('models are listed', async () => {
  const ids = (await collect(client.models.list())).map(model => model.id);
  assert.ok(ids.includes('echo') && ids.includes('offline'));
});

test('aborting cancels the call of the model', DISCONNECT, async () => {
  const stream = await client.chat.completions.create({ model: 'recorder', messages: user('hold'), stream: true });
  for await (const chunk of stream) {
    if (textOf([chunk]) === 'held') stream.controller.abort();
  }
  assert.equal((await service.next('departures')).messages[0].content, 'hold');
});

test('breaking out of the loop cancels it too', DISCONNECT, async () => {
  const stream = await client.chat.completions.create({ model: 'recorder', messages: user('hold'), stream: true });
  for await (const chunk of stream) {
    if (textOf([chunk]) === 'held') break;
  }
  assert.equal((await service.next('departures')).messages[0].content, 'hold');
});

test('what goes wrong is one of the SDK’s errors', async () => {
  const messages = user('hi');
  await assert.rejects(clientWith('tw_wrong').models.list(), OpenAI.AuthenticationError);
  await assert.rejects(client.chat.completions.create({ model: 'nope', messages }), error => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, 'model_not_found');
    return true;
  });
  await assert.rejects(client.chat.completions.create({ model: 'echo', messages, n: 2 }), OpenAI.BadRequestError);
  await assert.rejects(
    client.chat.completions.create({ model: 'echo', messages: user('[[error 500]]') }),
    OpenAI.InternalServerError,
  );
});

for (const accident of ['cut', 'garbage', 'stream error']) {
  test(`an answer that breaks off throws: ${accident}`, async () => {
    await assert.rejects(readChunks('echo', `one two three four [[${accident}]]`), OpenAI.APIError);
  });
}
