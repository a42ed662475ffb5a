import { afterEach, expect, it, vi } from 'vitest';
import { createIdempotencyKey } from './idempotencyKey';

afterEach(() => vi.unstubAllGlobals());

it('is fresh each time, also where the context is not secure', () => {
  expect(createIdempotencyKey()).not.toBe(createIdempotencyKey());
  const getRandomValues = crypto.getRandomValues.bind(crypto);
  vi.stubGlobal('crypto', { getRandomValues });
  const key = createIdempotencyKey();
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(createIdempotencyKey()).not.toBe(key);
});
