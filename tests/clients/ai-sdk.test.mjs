// Vercel's AI SDK, through its provider for OpenAI-compatible servers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, Output, generateText, isStepCount, streamText, tool } from 'ai';
import { z } from 'zod';
import { DISCONNECT, startService } from './service.mjs';

const TEXT = 'Grüße, 🌊 "quoted" \\ and\n\na data: line';
const service = await startService();
const tidewire = providerWith(service.key);

function providerWith(apiKey) {
  return createOpenAICompatible({
    name: 'tidewire',
    baseURL: service.openaiUrl,
    apiKey,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
}

/** Options of a call that is made once and tells its errors by throwing alone. */
function call(model, prompt, options = {}) {
  return { model: tidewire(model), prompt, maxRetries: 0, onError: () => {}, ...options };
}

function lookup(asked) {
  return tool({
    description: 'Looks something up',
    inputSchema: z.object({ input: z.string() }),
    execute: async given => {
      asked.push(given);
      return '42';
    },
  });
}

for (const model of ['echo', 'bytewise', 'whole', 'reasoner', 'claude']) {
  test(`streamText with ${model}`, async () => {
    const result = streamText(call(model, TEXT));
    let text = '';
    for await (const delta of result.textStream) text += delta;
    assert.equal(text, TEXT);
    assert.equal(await result.finishReason, 'stop');
  });
}

test('streamText tells usage', async () => {
  const result = streamText(call('echo', 'one two three'));
  assert.equal(await result.text, 'one two three');
  const { inputTokens, outputTokens, totalTokens } = await result.usage;
  assert.equal(outputTokens, 3);
  assert.ok(inputTokens > 0);
  assert.equal(totalTokens, inputTokens + outputTokens);
});

test('reasoning is apart from the text', async () => {
  const result = streamText(call('reasoner', 'the answer'));
  assert.equal(await result.text, 'the answer');
  assert.equal(await result.reasoningText, 'The user wants an answer. I think about it step by step.');
});

for (const [reason, expected] of [
  ['length', 'length'],
  ['content_filter', 'content-filter'],
]) {
  test(`an answer that ends for ${reason}`, async () => {
    const result = streamText(call('echo', `hello [[${reason}]]`));
    await result.consumeStream();
    assert.equal(await result.finishReason, expected);
  });
}

test('a loop of tools, streamed', async () => {
  const asked = [];
  const options = { tools: { lookup: lookup(asked) }, stopWhen: isStepCount(3) };
  const result = streamText(call('echo', 'use tool', options));
  const kinds = new Set();
  for await (const part of result.fullStream) kinds.add(part.type);
  assert.ok(kinds.has('tool-call') && kinds.has('tool-result') && !kinds.has('error'));
  assert.deepEqual(asked, [{ input: 'use tool' }]);
  const steps = await result.steps;
  assert.deepEqual(
    steps.map(step => step.finishReason),
    ['tool-calls', 'stop'],
  );
  assert.equal(steps[1].text, 'The tool said: 42');
});

test('a loop of tools, whole', async () => {
  const asked = [];
  const options = { tools: { lookup: lookup(asked) }, stopWhen: isStepCount(3) };
  const { text, finishReason } = await generateText(call('echo', 'use tool', options));
  assert.deepEqual([text, finishReason], ['The tool said: 42', 'stop']);
  assert.deepEqual(asked, [{ input: 'use tool' }]);
});

test('an object after a schema', async () => {
  const schema = z.object({ name: z.string(), people: z.number() });
  const options = { output: Output.object({ schema }) };
  const { output } = await generateText(call('echo', '{"name":"Paris","people":3}', options));
  assert.deepEqual(output, { name: 'Paris', people: 3 });
});

test('an image reaches the model', async () => {
  const png = Buffer.from('iVBORw0KGgo=', 'base64');
  const { text } = await generateText({
    model: tidewire('recorder'),
    maxRetries: 0,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'what is this?' },
          { type: 'file', data: png, mediaType: 'image/png' },
        ],
      },
    ],
  });
  assert.equal(text, 'recorded');
  const [said, image] = (await service.next('requests')).messages[0].content;
  assert.equal(said.text, 'what is this?');
  assert.equal(image.image_url.url, 'data:image/png;base64,iVBORw0KGgo=');
});

test('aborting cancels the call of the model', DISCONNECT, async () => {
  const abort = new AbortController();
  const result = streamText(call('recorder', 'hold', { abortSignal: abort.signal }));
  for await (const part of result.fullStream) {
    if (part.type === 'text-delta') abort.abort();
  }
  await service.next('departures');
});

for (const [what, model, status] of [
  ['a wrong key', providerWith('tw_wrong')('echo'), 401],
  ['an unknown model', tidewire('nope'), 404],
]) {
  test(`${what} is an APICallError with its status`, async () => {
    await assert.rejects(generateText({ model, prompt: 'hi', maxRetries: 0 }), error => {
      assert.ok(APICallError.isInstance(error));
      assert.equal(error.statusCode, status);
      assert.equal(error.isRetryable, false);
      return true;
    });
  });
}

test('an answer that breaks off is an error part', async () => {
  const result = streamText(call('echo', 'one two three four [[cut]]'));
  const errors = [];
  let text = '';
  for await (const part of result.fullStream) {
    if (part.type === 'error') errors.push(part.error);
    if (part.type === 'text-delta') text += part.text;
  }
  assert.ok(text.startsWith('one '));
  assert.equal(errors.length, 1);
});
