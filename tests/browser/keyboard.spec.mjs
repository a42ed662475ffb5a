import { expect, test } from './fixtures.mjs';

test.use({ settings: { TIDEWIRE_OFFLINE__TOKENS_PER_SECOND: '0' } });

/** Presses Tab, or Shift+Tab, until the control has the focus; it must show that it has. */
async function tabTo(page, control, key = 'Tab') {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press(key);
    if (await control.evaluate(element => element === document.activeElement)) {
      const shown = await control.evaluate(element => {
        const { outlineStyle, boxShadow } = getComputedStyle(element);
        return element.matches(':focus-visible') && (outlineStyle !== 'none' || boxShadow !== 'none');
      });
      expect(shown).toBe(true);
      return;
    }
  }
  throw new Error(`${control} cannot be reached by ${key}`);
}

test('everything is done without a mouse', async ({ page, chat }) => {
  await page.goto('/');
  await expect(chat.composer).toBeFocused();
  await page.keyboard.type('How do I connect');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('Tidewire to Bedrock?');
  await page.keyboard.press('Enter');
  await expect(chat.answers).toHaveCount(1);
  await chat.ended();
  await expect(chat.composer).toBeFocused();
  await expect(chat.answers).toContainText('provider = "bedrock"');

  // A source, and back to where one was.
  const marker = chat.answers.getByRole('button', { name: /^Source 1: / }).first();
  await tabTo(page, marker, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Source 1' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(marker).toBeFocused();

  // Another model, by its name.
  await tabTo(page, chat.model);
  await page.keyboard.type('paced');
  await expect(chat.model).toHaveValue('paced');
  await page.keyboard.press('Shift+Escape');
  await expect(chat.composer).toBeFocused();

  // Stop, then edit the last question with the arrow key.
  await page.keyboard.type('tokens=1000 gap_ms=20');
  await page.keyboard.press('Enter');
  await expect(chat.answers.last()).toContainText('token5 ');
  await page.keyboard.press('Escape');
  await expect(chat.answers.last().getByTestId('finish-note')).toHaveAttribute('data-reason', 'stopped');
  await page.keyboard.press('ArrowUp');
  const field = page.getByRole('textbox', { name: 'Your message' });
  await expect(field).toBeFocused();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('tokens=3');
  await page.keyboard.press('Enter');
  await expect(chat.answers.last()).toContainText('token0 token1 token2');
  await chat.ended();
  await expect(chat.composer).toBeFocused();
  const previous = chat.questions.last().getByRole('button', { name: 'Previous branch' });
  await tabTo(page, previous, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(chat.questions.last()).toContainText('tokens=1000');

  // The sidebar: search, rename, delete.
  await page.keyboard.press('ControlOrMeta+K');
  await expect(page.getByRole('searchbox', { name: 'Search conversations' })).toBeFocused();
  await page.keyboard.type('connect');
  const title = 'How do I connect';
  await tabTo(page, page.getByRole('button', { name: `Rename ${title}` }).first());
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Title' })).toBeFocused();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('Connected');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Connected');
  await page.keyboard.press('ControlOrMeta+Shift+O');
  await expect(page.getByRole('list', { name: 'Suggestions' })).toBeVisible();
  await expect(chat.composer).toBeFocused();
  await tabTo(page, chat.conversations.getByRole('link', { name: 'Connected' }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(chat.answers.first()).toBeVisible();
  await tabTo(page, page.getByRole('button', { name: 'Delete Connected' }));
  await page.keyboard.press('Enter');
  const confirm = page.getByRole('dialog', { name: 'Delete conversation?' });
  await tabTo(page, confirm.getByRole('button', { name: 'Delete', exact: true }));
  await page.keyboard.press('Enter');
  await expect(confirm).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'New conversation' })).toBeFocused();

  await page.keyboard.press('ControlOrMeta+/');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});
