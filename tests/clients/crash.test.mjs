// OpenAI's JavaScript SDK and the AI SDK: the program dies in the middle of an answer, which the Lambda Web
// Adapter ends as if it were whole.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { streamText } from 'ai';
import OpenAI from 'openai';
import { onlyOn, startService } from './service.mjs';

const ON_THE_ADAPTER = onlyOn('adapter', 'it is about the adapter');
const QUESTION = { model: 'paced', messages: [{ role: 'user', content: 'tokens=1000 gap_ms=20' }] };

async function startClient() {
  const service = await startService();
  const client = new OpenAI({ baseURL: service.openaiUrl, apiKey: service.key, maxRetries: 0 });
  return { service, client };
}

test('OpenAI’s stream ends without an error and without a finish reason', ON_THE_ADAPTER, async () => {
  const { service, client } = await startClient();
  let text = '';
  for await (const { choices } of await client.chat.completions.create({ stream: true, ...QUESTION })) {
    const { delta, finish_reason: reason } = choices[0];
    if (delta.content && text === '') service.killPrograms();
    text += delta.content ?? '';
    assert.equal(reason, null);
  }
  assert.match(text, /^token0 /);
  assert.doesNotMatch(text, /Lambda|token999 /);
});

test('OpenAI’s stream helper throws', ON_THE_ADAPTER, async () => {
  const { service, client } = await startClient();
  const stream = client.chat.completions.stream(QUESTION);
  stream.once('content', () => service.killPrograms());
  await assert.rejects(stream.finalContent(), /missing finish_reason/);
});

test('the AI SDK’s stream has an error part and ends as failed', ON_THE_ADAPTER, async () => {
  const service = await startService();
  const provider = createOpenAICompatible({ name: 'tidewire', baseURL: service.openaiUrl, apiKey: service.key });
  const prompt = QUESTION.messages[0].content;
  const result = streamText({ model: provider(QUESTION.model), prompt, maxRetries: 0, onError: () => {} });
  const errors = [];
  let text = '';
  for await (const part of result.fullStream) {
    if (part.type === 'error') errors.push(part.error);
    if (part.type !== 'text-delta') continue;
    if (text === '') service.killPrograms();
    text += part.text;
  }
  assert.match(text, /^token0 /);
  assert.doesNotMatch(text, /Lambda/);
  assert.match(errors.map(String).join(), /ended without a finish reason/);
  assert.equal(await result.finishReason, 'error');
});
