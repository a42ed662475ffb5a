import { expect, test, textOf } from './fixtures.mjs';

// What Chromium says of a server that is away.
test.use({ expectedConsole: /net::ERR_/ });

test('a page outlives a crash of the server in the middle of an answer', async ({ page, chat, service }) => {
  await chat.open('paced');
  await chat.ask('tokens=2');
  await chat.send('tokens=2000 gap_ms=20');
  const answer = chat.answers.last();
  await expect.poll(async () => (await answer.textContent()).includes('token60 ')).toBe(true);
  await service.kill();
  await expect(page.getByText(/Reconnecting…|cannot be reached/).first()).toBeVisible();
  await service.start();

  const note = answer.getByTestId('finish-note');
  await expect(note).toHaveAttribute('data-reason', 'interrupted', { timeout: 20_000 });
  await expect(note).toContainText('Interrupted');
  const stored = textOf(await service.newestMessage(chat.id())).trim();
  expect(stored).toMatch(/^token0 token1 /);
  await expect(answer.getByRole('paragraph').first()).toHaveText(stored);
  await expect(page.getByText(/Reconnecting…|cannot be reached/)).toHaveCount(0);

  await expect(await chat.ask('tokens=3')).toContainText('token0 token1 token2');
  await page.reload();
  await expect(chat.articles).toHaveCount(6);
  await expect(chat.answers.nth(1).getByTestId('finish-note')).toHaveAttribute('data-reason', 'interrupted');
});

test('the session stays the same over a restart, the instance does not', async ({ page, chat, service }) => {
  const facts = async () => {
    await page.getByRole('button', { name: /About this session/ }).click();
    const dialog = page.getByRole('dialog', { name: 'About this session' });
    const read = async name =>
      (await dialog.locator('dt', { hasText: new RegExp(`^${name}$`) }).locator('+ dd').textContent()).trim();
    const told = { session: await read('Session'), instance: await read('Instance') };
    await page.keyboard.press('Escape');
    return told;
  };
  await chat.open();
  await expect(page.getByTestId('session-instance')).toHaveText(/^v\d+\.\d+\.\d+ on \S+$/);
  const session = await page.getByTestId('session-id').textContent();
  expect(session).toMatch(/[0-9a-f-]{8,}/);
  const before = await facts();
  expect(before.session).toBe(session);

  await service.kill();
  await service.start();
  await page.reload();
  await expect(page.getByTestId('session-id')).toHaveText(session);
  const after = await facts();
  expect(after.session).toBe(session);
  expect(after.instance).not.toBe(before.instance);
});

test.describe('a question that is asked while the server is away', () => {
  const QUESTION = 'written meanwhile';

  /** The page, loaded anew, shows question and answer once: from the store, since the page itself keeps none. */
  async function expectStored(page, chat, service) {
    await expect(chat.composer).toHaveValue('');
    await page.evaluate(() => localStorage.clear());
    await page.reload();
    await expect(chat.articles).toHaveCount(4);
    await expect(chat.questions.last()).toContainText(QUESTION);
    await expect(chat.answers.last().getByRole('paragraph').first()).toHaveText(QUESTION);
    expect(textOf(await service.newestMessage(chat.id()))).toContain(QUESTION);
  }

  test('is sent when it is back soon', async ({ page, chat, service }) => {
    await chat.open('echo');
    await chat.ask('hello');
    await service.kill();
    await chat.composer.fill(QUESTION);
    await page.keyboard.press('Enter');
    await expect(page.getByText(/cannot be reached|Reconnecting…/).first()).toBeVisible();
    await service.start();
    await expect(page.getByText(/cannot be reached|Reconnecting…/)).toHaveCount(0, { timeout: 20_000 });
    // On a slow machine it may be back too late: then the question was given back.
    if ((await chat.composer.inputValue()) !== '') await page.keyboard.press('Enter');
    await expect(chat.answers).toHaveCount(2);
    await chat.ended();
    await expectStored(page, chat, service);
  });

  test('is given back when it stays away, kept over a reload, and sent then', async ({ page, chat, service }) => {
    await chat.open('echo');
    await chat.ask('hello');
    await service.kill();
    await chat.composer.fill(QUESTION);
    await page.keyboard.press('Enter');
    await expect(chat.composer).toHaveValue('');
    await expect(chat.composer).toHaveValue(QUESTION);
    await expect(chat.articles).toHaveCount(2);

    await service.start();
    await page.reload();
    // What the store does not have, the page still has as a draft.
    await expect(chat.articles).toHaveCount(2);
    await expect(chat.composer).toHaveValue(QUESTION);
    await chat.ask(QUESTION);
    await expectStored(page, chat, service);
  });
});
