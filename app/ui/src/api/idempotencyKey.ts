/** A fresh key that names one attempt to start a turn, so that a retry joins it instead of starting another. */
export function createIdempotencyKey(): string {
  // `randomUUID` exists in secure contexts only; `getRandomValues` everywhere.
  const { crypto } = globalThis;
  if ('randomUUID' in crypto) return crypto.randomUUID();
  return Array.from((crypto as Crypto).getRandomValues(new Uint8Array(16)), byte =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
