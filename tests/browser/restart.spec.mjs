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

test('what is written while the server is away is kept', async ({ page, chat, service }) => {
  await chat.open('echo');
  await chat.ask('hello');
  await service.kill();
  await chat.composer.fill('written meanwhile');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/cannot be reached|Reconnecting…/).first()).toBeVisible();
  await service.start();
  await expect(page.getByText(/cannot be reached|Reconnecting…/)).toHaveCount(0, { timeout: 20_000 });
  // Sent by itself once the server is back, or given back to the field: it does not vanish from the page.
  await expect
    .poll(async () => (await chat.composer.inputValue()) || (await chat.questions.last().textContent()))
    .toContain('written meanwhile');
});
