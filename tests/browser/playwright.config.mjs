import { defineConfig } from '@playwright/test';
import { CHROMIUM } from './chromium.mjs';

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.mjs',
  outputDir: 'results/failures',
  // Each test has a server of its own, so that they may run side by side.
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  // How long a test is waited for, not how long it may take: axe on a dozen states is slow on a busy machine.
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: process.stdout.isTTY ? 'line' : 'list',
  use: {
    launchOptions: CHROMIUM,
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    screenshot: 'only-on-failure',
  },
});
