import AxeBuilder from '@axe-core/playwright';
import { chooseTheme, expect, overflowOf, test } from './fixtures.mjs';

const WIDTHS = [1280, 360];
const NARROW = 360;
const LONG = `${'unbroken'.repeat(40)} https://example.com/${'path/'.repeat(40)}`;

/** Nothing that axe finds, in either theme, and nothing wider than the screen. */
async function expectSound(page) {
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] });
  const find = async () => {
    const { violations } = await axe.analyze();
    const told = violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
    expect.soft(told).toEqual([]);
  };
  await showIn(page, 'light');
  await find();
  // Only colours differ.
  await showIn(page, 'dark');
  axe.withRules('color-contrast');
  await find();
  expect.soft(await overflowOf(page.locator('html'))).toBe(0);
  const messages = page.getByRole('region', { name: 'Messages' });
  if (await messages.count()) expect.soft(await overflowOf(messages)).toBe(0);
}

/** Changes the theme of the system, and waits for it: a colour that still fades in is not the one that is read. */
async function showIn(page, colorScheme) {
  await page.emulateMedia({ colorScheme });
  await page.evaluate(() => {
    const ending = document.getAnimations().filter(({ effect }) => effect.getTiming().iterations !== Infinity);
    return Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

async function openSidebar(page, width) {
  if (width === NARROW) await page.getByRole('button', { name: 'Open the sidebar' }).click();
}

for (const width of WIDTHS) {
  const viewport = { width, height: width === NARROW ? 740 : 800 };

  test.describe(`at ${width} px`, () => {
    test.use({ viewport, settings: { TIDEWIRE_OFFLINE__TOKENS_PER_SECOND: '0' } });

    test('the app is accessible and fits', async ({ page, chat }) => {
      await chat.open();
      await openSidebar(page, width);
      await expectSound(page);
      if (width === NARROW) {
        await page.keyboard.press('Escape');
        await expectSound(page);
      }

      await chat.ask('How do I connect Tidewire to Bedrock?');
      await expectSound(page);
      await chat.answers.last().getByRole('button', { name: /^Source 1: / }).first().click();
      await expect(page.getByRole('dialog', { name: 'Source 1' })).toBeVisible();
      await expectSound(page);
      await page.keyboard.press('Escape');

      await chat.model.selectOption('reasoner');
      await chat.ask('[[markdown]]');
      await expect(chat.answers.last().locator('.hljs-keyword').first()).toBeVisible();
      await chat.answers.last().getByText('Reasoning').click();
      await expectSound(page);
      await chat.ask('use tool');
      await chat.answers.last().getByTestId('tool-call').getByText('current_time').click();
      await chat.answers.last().getByRole('button', { name: 'Regenerate answer' }).click();
      await expect(chat.answers.last().getByTestId('branch-count')).toHaveText('2 / 2');
      await chat.ended();
      await chat.ask(LONG);
      await chat.ask('[[error 500]]');
      await expectSound(page);
      await chat.questions.last().getByRole('button', { name: 'Edit message' }).click();
      await expectSound(page);
      await page.keyboard.press('Escape');

      await openSidebar(page, width);
      await page.getByRole('button', { name: /^Rename / }).first().click();
      await expect(page.getByRole('dialog', { name: 'Rename conversation' })).toBeVisible();
      await expectSound(page);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /About this session/ }).click();
      await expect(page.getByRole('dialog', { name: 'About this session' })).toBeVisible();
      await expectSound(page);
    });
  });

  test.describe(`signing in at ${width} px`, () => {
    test.use({ viewport, keyed: true, expectedConsole: /status of 401/ });

    test('is accessible and fits', async ({ page }) => {
      await page.goto('/');
      await expect(page.getByLabel('API key')).toBeVisible();
      await expectSound(page);
      await page.getByLabel('API key').fill('tw_wrong');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('alert')).toBeVisible();
      await expectSound(page);
    });
  });
}

test('a chosen theme is there before the first paint, also after a reload', async ({ page, chat }) => {
  await chat.open();
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await chooseTheme(page, 'Dark');
  await expect.poll(ground).not.toBe(light);
  const dark = await ground();
  await chooseTheme(page, 'System');
  await expect.poll(ground).toBe(light);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(ground).toBe(dark);
  await page.emulateMedia({ colorScheme: 'light' });
  await chooseTheme(page, 'Dark');
  await page.reload({ waitUntil: 'commit' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.getByRole('radio', { name: 'Dark theme' })).toBeChecked();
  expect(await ground()).toBe(dark);
});

test.describe('on a narrow screen', () => {
  test.use({ viewport: { width: NARROW, height: 740 } });

  test('the sidebar is a drawer', async ({ page, chat, service }) => {
    await service.api('/conversations', { title: 'Apples' });
    await chat.open();
    await expect(chat.sidebar).not.toBeInViewport();
    const opener = page.getByRole('button', { name: 'Open the sidebar' });
    await opener.click();
    await expect(chat.sidebar).toBeInViewport();
    await page.keyboard.press('Escape');
    await expect(chat.sidebar).not.toBeInViewport();
    await expect(opener).toBeFocused();
    await opener.click();
    await chat.conversations.getByRole('link', { name: 'Apples' }).click();
    await expect(chat.sidebar).not.toBeInViewport();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Apples');
    expect(await overflowOf(page.locator('html'))).toBe(0);
  });
});
