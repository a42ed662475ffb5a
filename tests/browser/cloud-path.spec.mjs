// The web UI through WAF, CloudFront with its functions, OAC, a function URL, Lambda and its adapter.
import { expect, test, textOf } from './fixtures.mjs';

// What Chromium says before one has signed in, and of a gateway whose function has died.
test.use({ keyed: true, front: 'path', expectedConsole: /status of (401|502)/ });

test.beforeEach(async ({ page, chat, service }) => {
  await page.goto('/');
  await page.getByLabel('API key').fill(service.key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(chat.composer).toBeVisible();
  await chat.model.selectOption('paced');
});

test('an answer streams, goes on after a reload, and is stopped', async ({ page, chat, service, context }) => {
  // To the app the page is on https, whatever the browser sees.
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ name: 'tidewire_session', httpOnly: true, sameSite: 'Strict', secure: true });

  await chat.send('tokens=1500 gap_ms=20');
  const answer = chat.answers.last();
  await expect(answer).toContainText('token10 ');
  await expect(answer).toHaveAttribute('aria-busy', 'true');
  await page.reload();
  await expect(answer).toHaveAttribute('aria-busy', 'true');
  await expect(answer).toContainText('token10 ');
  const early = (await answer.getByRole('paragraph').first().textContent()).trim().split(' ');
  await expect(answer).toContainText(`token${early.length + 20} `);

  await chat.stop.click();
  const note = answer.getByTestId('finish-note');
  await expect(note).toHaveAttribute('data-reason', 'stopped');
  const stored = await service.newestMessage(chat.id());
  expect(stored.finish_reason).toBe('stopped');
  await expect(answer.getByRole('paragraph').first()).toHaveText(textOf(stored).trim());
  await expect(await chat.ask('tokens=3')).toContainText('token0 token1 token2');
});

test('an answer whose environment dies keeps its text and shows nothing of the adapter', async ({
  page,
  chat,
  service,
}) => {
  await chat.send('tokens=1500 gap_ms=20');
  const answer = chat.answers.last();
  await expect(answer).toContainText('token60 ');
  const resumed = page.waitForRequest(/\/api\/turns\/.*\/events/);
  await service.killPrograms();
  await resumed;
  const note = answer.getByTestId('finish-note');
  await expect(note).toHaveAttribute('data-reason', 'interrupted', { timeout: 20_000 });
  const stored = await service.newestMessage(chat.id());
  expect(stored.finish_reason).toBe('interrupted');
  expect(textOf(stored)).toMatch(/^token0 token1 /);
  await expect(answer.getByRole('paragraph').first()).toHaveText(textOf(stored).trim());
  // The adapter wrote `Lambda-Runtime-Function-Error-…` after the last event and ended the answer well.
  await expect(page.getByText(/Lambda-Runtime|Reconnecting…|cannot be reached/)).toHaveCount(0);

  await expect(await chat.ask('tokens=3')).toContainText('token0 token1 token2');
});
