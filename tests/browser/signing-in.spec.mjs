import { expect, test } from './fixtures.mjs';

// What Chromium says of a request that is refused, and of a server that is away.
test.use({ keyed: true, expectedConsole: /status of 401|net::ERR_/ });

test('one signs in with a key, stays signed in, and signs out', async ({ page, chat, service, context }) => {
  await page.goto('/');
  const field = page.getByLabel('API key');
  const signIn = page.getByRole('button', { name: 'Sign in' });
  await signIn.click();
  await expect(page.getByRole('alert')).toHaveText('Enter your API key.');
  await field.fill('tw_wrong');
  await signIn.click();
  await expect(page.getByRole('alert')).toHaveText('This API key is not accepted.');
  await expect(field).toHaveAttribute('aria-invalid', 'true');

  await field.fill(service.key);
  await signIn.click();
  await expect(chat.composer).toBeVisible();
  await expect(chat.sidebar).toContainText('tester');
  await chat.model.selectOption('echo');
  await chat.ask('hello');
  await page.reload();
  await expect(chat.answers).toContainText('hello');

  // The key itself is nowhere that a script could read it.
  const readable = await page.evaluate(() => JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }]));
  expect(readable).not.toContain(service.key);
  expect(readable).not.toContain('tidewire_session');
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ name: 'tidewire_session', httpOnly: true, sameSite: 'Strict' });

  const address = page.url();
  await page.getByRole('button', { name: 'Sign out' }).click();
  // The form is there before the page has gone to `/` by itself, which would get in the way of going elsewhere.
  await expect(page).toHaveURL('/');
  await expect(field).toBeVisible();
  await page.goto(address);
  await expect(field).toBeVisible();
  await expect(page.getByText('hello')).toHaveCount(0);
});

test('a session outlasts a restart of the server', async ({ page, chat, service }) => {
  await page.goto('/');
  await page.getByLabel('API key').fill(service.key);
  await page.keyboard.press('Enter');
  await expect(chat.composer).toBeVisible();
  const session = await page.getByTestId('session-id').textContent();
  await service.kill();
  await service.start();
  await page.reload();
  await expect(page.getByTestId('session-id')).toHaveText(session);
});
