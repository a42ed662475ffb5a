// Takes the picture of the README, and pictures of everything in both themes and widths into results/.
//
//     npm run screenshots
import { mkdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { CHROMIUM } from './chromium.mjs';
import { Chat, chooseTheme, expect } from './fixtures.mjs';
import { Service, startUpstream } from './service.mjs';

const QUESTION = 'How do I connect Tidewire to Bedrock?';
const RESULTS = fileURLToPath(new URL('results/', import.meta.url));
const DOCS = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const MOST_BYTES = 250_000;
const SCREENS = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };

const upstream = await startUpstream();
const services = [];
const browser = await chromium.launch(CHROMIUM);

async function start(options) {
  const service = await Service.start(upstream.url, options);
  services.push(service);
  return service;
}

async function openPage(service, options) {
  const context = await browser.newContext({ baseURL: service.url, locale: 'en-GB', ...options });
  const page = await context.newPage();
  return { page, chat: new Chat(page) };
}

const settings = { TIDEWIRE_OFFLINE__TOKENS_PER_SECOND: '0' };

async function takeReadmePicture() {
  // As it is after the first start: the offline model alone.
  const service = await start({ settings: { ...settings, TIDEWIRE_MODELS: '[]' } });
  const { page, chat } = await openPage(service, { viewport: { width: 1280, height: 760 }, colorScheme: 'light' });
  await chat.open();
  await chat.ask(QUESTION);
  await chat.messages.evaluate(element => element.scrollTo(0, 0));
  // Where the machine's own name stands is none of the reader's business.
  await page.getByTestId('session-instance').evaluate(element => {
    element.textContent = element.textContent.replace(/ on .*/, ' on laptop');
  });
  await page.mouse.move(0, 0);
  await page.evaluate(() => document.activeElement.blur());
  const path = `${DOCS}first-conversation.png`;
  await page.screenshot({ path, animations: 'disabled' });
  const { size } = await stat(path);
  if (size > MOST_BYTES) throw new Error(`${path} has ${size} bytes, more than ${MOST_BYTES}`);
}

async function takeAll(service, keyed, screen, theme) {
  const { page, chat } = await openPage(service, { viewport: SCREENS[screen], colorScheme: theme });
  const shoot = name => page.screenshot({ path: `${RESULTS}${screen}-${theme}-${name}.png`, animations: 'disabled' });
  const openSidebar = async () => {
    if (screen === 'phone') await page.getByRole('button', { name: 'Open the sidebar' }).click();
  };
  const close = () => page.keyboard.press('Escape');

  await chat.open();
  await expect(chat.composer).toBeVisible();
  await shoot('empty');
  await openSidebar();
  await chooseTheme(page, theme === 'light' ? 'Light' : 'Dark');
  await shoot('sidebar');
  if (screen === 'phone') await close();
  await chat.ask(QUESTION);
  await shoot('conversation');
  await chat.answers.last().getByRole('button', { name: /^Source 1: / }).first().click();
  await shoot('source');
  await close();
  await chat.model.selectOption('reasoner');
  await chat.ask('[[markdown]]');
  await expect(chat.answers.last().locator('.hljs-keyword').first()).toBeAttached();
  await shoot('markdown-end');
  await chat.answers.last().getByRole('table').scrollIntoViewIfNeeded();
  await shoot('markdown-table');
  await chat.ask('use tool');
  await chat.answers.last().getByTestId('tool-call').getByText('current_time').click();
  await chat.answers.last().getByText('Reasoning').first().click();
  await shoot('tool');
  await chat.answers.last().getByRole('button', { name: 'Regenerate answer' }).click();
  await expect(chat.answers.last().getByTestId('branch-count')).toHaveText('2 / 2');
  await chat.ended();
  await chat.model.selectOption('paced');
  await chat.send('tokens=400 gap_ms=20');
  await expect(chat.answers.last()).toContainText('token30 ');
  await shoot('streaming');
  await chat.stop.click();
  await expect(chat.answers.last().getByTestId('finish-note')).toBeVisible();
  await shoot('stopped');
  await chat.questions.last().getByRole('button', { name: 'Edit message' }).click();
  await shoot('editing');
  await close();
  await chat.ask('[[error 500]]');
  await shoot('error');
  await openSidebar();
  await page.getByRole('button', { name: /^Delete / }).first().click();
  await shoot('delete');
  await close();
  await page.getByRole('button', { name: /About this session/ }).click();
  await shoot('about');
  await page.context().close();

  const signIn = await openPage(keyed, { viewport: SCREENS[screen], colorScheme: theme });
  await signIn.page.goto('/');
  await signIn.page.getByLabel('API key').fill('tw_wrong');
  await signIn.page.keyboard.press('Enter');
  await expect(signIn.page.getByRole('alert')).toBeVisible();
  await signIn.page.screenshot({ path: `${RESULTS}${screen}-${theme}-sign-in.png` });
  await signIn.page.context().close();
}

try {
  await mkdir(RESULTS, { recursive: true });
  await mkdir(DOCS, { recursive: true });
  await takeReadmePicture();
  const keyed = await start({ keyed: true });
  for (const screen of Object.keys(SCREENS)) {
    for (const theme of ['light', 'dark']) await takeAll(await start({ settings }), keyed, screen, theme);
  }
} finally {
  await browser.close();
  await Promise.all(services.map(service => service.end()));
  await upstream.kill('SIGKILL');
}
