// What every test has: a service of its own, and a page that watches for what must never happen.
import { test as base, expect } from '@playwright/test';
import { Service, startUpstream } from './service.mjs';

export { expect };

export const test = base.extend({
  upstream: [
    async ({}, use) => {
      const upstream = await startUpstream();
      await use(upstream.url);
      await upstream.kill('SIGKILL');
    },
    { scope: 'worker' },
  ],

  /** Whether one must sign in, what of AWS stands in front, and settings as environment variables. */
  keyed: [false, { option: true }],
  front: [null, { option: true }],
  settings: [{}, { option: true }],

  service: async ({ upstream, keyed, front, settings }, use) => {
    const service = await Service.start(upstream, { keyed, front, settings });
    await use(service);
    await service.end();
  },

  baseURL: async ({ service }, use) => use(service.url),

  /** Messages on the console that the test itself provokes. */
  expectedConsole: [/(?!)/, { option: true }],

  /**
   * What went wrong on any page of the test: requests to other hosts, dialogs, exceptions, errors on the console,
   * violations of the Content-Security-Policy. Must be empty in the end.
   */
  incidents: [
    async ({ context, service, expectedConsole }, use) => {
      const incidents = [];
      const watch = page => {
        page.on('request', request => {
          const url = new URL(request.url());
          if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== service.url) {
            incidents.push(`request to ${request.url()}`);
          }
        });
        page.on('dialog', async dialog => {
          incidents.push(`dialog: ${dialog.message()}`);
          await dialog.dismiss();
        });
        page.on('pageerror', error => incidents.push(`exception: ${error.message}`));
        page.on('console', message => {
          const text = message.text();
          if (message.type() === 'error' && !expectedConsole.test(text)) {
            incidents.push(`console: ${text}`);
          }
        });
      };
      context.on('page', watch);
      await context.exposeBinding('reportViolation', (_, violation) => incidents.push(`CSP: ${violation}`));
      await context.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', event =>
          window.reportViolation(`${event.effectiveDirective} ${event.blockedURI}`),
        );
      });
      await use(incidents);
      expect(incidents).toEqual([]);
    },
    { auto: true },
  ],

  chat: async ({ page }, use) => use(new Chat(page)),
});

/** What people do in a conversation. */
export class Chat {
  constructor(page) {
    this.page = page;
    this.composer = page.getByRole('textbox', { name: 'Message', exact: true });
    this.model = page.getByRole('combobox', { name: 'Model' });
    this.messages = page.getByRole('region', { name: 'Messages' });
    this.articles = this.messages.getByRole('article');
    this.questions = this.articles.filter({ has: page.getByRole('heading', { name: 'You said' }) });
    this.answers = this.articles.filter({ has: page.getByRole('heading', { name: 'Tidewire said' }) });
    this.stop = page.getByRole('button', { name: 'Stop the answer' });
    this.sidebar = page.getByRole('navigation', { name: 'Sidebar' });
    this.conversations = page.getByRole('list', { name: 'Conversations' });
  }

  /** Opens a new conversation, with a model other than the default one where it is named. */
  async open(model) {
    await this.page.goto('/');
    if (model) await this.model.selectOption(model);
  }

  /** Sends a message. */
  async send(text) {
    await this.composer.fill(text);
    await this.page.getByRole('button', { name: 'Send' }).click();
  }

  /** Sends a message and waits for the end of the answer to it, which it returns. */
  async ask(text) {
    const asked = this.page.waitForResponse(response => response.url().endsWith('/turns'));
    await this.send(text);
    await asked;
    await this.ended();
    return this.answers.last();
  }

  /** Waits until the newest question has its whole answer. */
  async ended() {
    await expect(this.articles.last()).toHaveAttribute('aria-busy', 'false');
  }

  /** The id of the open conversation. */
  id() {
    return new URL(this.page.url()).pathname.replace('/c/', '');
  }
}

/** The text of a stored message. */
export function textOf(message) {
  return message.parts
    .filter(({ type }) => type === 'text')
    .map(({ text }) => text)
    .join('');
}

/** How much wider than its box the content of the page, or of an element, is. */
export function overflowOf(locator) {
  return locator.evaluate(element => element.scrollWidth - element.clientWidth);
}

/** Chooses a theme as people do. */
export async function chooseTheme(page, theme) {
  const name = `${theme} theme`;
  await page.getByTitle(name).click();
  await expect(page.getByRole('radio', { name })).toBeChecked();
}
