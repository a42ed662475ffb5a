import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const backend = 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  define: { __TIDEWIRE_VERSION__: JSON.stringify(version) },
  server: { proxy: { '/api': backend, '/v1': backend } },
  build: {
    target: 'es2022',
    // Every asset is a file of its own: the policy of the page allows no data: scripts, styles or fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'], restoreMocks: true },
});
