import { expect, test } from './fixtures.mjs';

test('conversations are renamed, searched and deleted', async ({ page, chat, service }) => {
  for (const title of ['Apples', 'Pears', 'Plums']) await service.api('/conversations', { title, model: 'echo' });
  await chat.open();
  const rows = chat.conversations.getByRole('listitem');
  await expect(rows).toHaveCount(3);

  await chat.conversations.getByRole('link', { name: 'Pears' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Pears');
  await rows.filter({ hasText: 'Pears' }).hover();
  await page.getByRole('button', { name: 'Rename Pears' }).click();
  const renaming = page.getByRole('dialog', { name: 'Rename conversation' });
  await expect(renaming.getByRole('textbox', { name: 'Title' })).toHaveValue('Pears');
  await renaming.getByRole('textbox', { name: 'Title' }).fill('Quinces');
  await renaming.getByRole('button', { name: 'Rename' }).click();
  await expect(renaming).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Quinces');
  await expect(chat.conversations.getByRole('link', { name: 'Quinces' })).toHaveAttribute('aria-current', 'page');

  const search = page.getByRole('searchbox', { name: 'Search conversations' });
  await search.fill('pLUM');
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('Plums');
  await search.fill('nothing like it');
  await expect(chat.sidebar).toContainText('Nothing found.');
  await search.clear();
  await expect(rows).toHaveCount(3);

  await rows.filter({ hasText: 'Quinces' }).hover();
  await page.getByRole('button', { name: 'Delete Quinces' }).click();
  const deleting = page.getByRole('dialog', { name: 'Delete conversation?' });
  await expect(deleting).toContainText('Quinces');
  await deleting.getByRole('button', { name: 'Cancel' }).click();
  await expect(rows).toHaveCount(3);
  await rows.filter({ hasText: 'Quinces' }).hover();
  await page.getByRole('button', { name: 'Delete Quinces' }).click();
  await deleting.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(rows).toHaveCount(2);
  await expect(page).toHaveURL(`${service.url}/`);
  expect((await service.api('/conversations')).items.map(({ title }) => title)).not.toContain('Quinces');
});

test('a first message names its conversation, and the browser walks back', async ({ page, chat }) => {
  await chat.open('echo');
  await chat.ask('The name of it');
  await expect(chat.conversations.getByRole('link', { name: 'The name of it' })).toBeVisible();
  await expect(page).toHaveTitle('The name of it · Tidewire');
  await page.getByRole('link', { name: 'New conversation' }).click();
  await expect(page.getByRole('list', { name: 'Suggestions' })).toBeVisible();
  await expect(chat.composer).toBeFocused();
  await page.goBack();
  await expect(chat.answers).toContainText('The name of it');
});

test.describe('a conversation that is not there', () => {
  test.use({ expectedConsole: /status of 404/ });

  test('is said not to be there', async ({ page }) => {
    await page.goto('/c/00000000-0000-7000-8000-000000000000');
    await expect(page.getByText('This conversation does not exist')).toBeVisible();
    await page.getByRole('link', { name: 'Start a new one' }).click();
    await expect(page.getByRole('list', { name: 'Suggestions' })).toBeVisible();
  });
});
