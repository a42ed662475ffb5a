import { expect, test } from './fixtures.mjs';

const TURNS = 1_000;
/** Far more than a screen holds, far less than all. */
const WINDOW = 80;

test('a conversation of 2 000 messages shows a window of them', async ({ page, chat, service }) => {
  const id = await service.seed(TURNS);
  await page.goto(`/c/${id}`);
  await expect(chat.answers.last()).toContainText(`number ${TURNS} of many`);
  await expect(chat.answers.last()).toBeInViewport();
  expect(await chat.articles.count()).toBeLessThan(WINDOW);

  // To the very beginning: older messages come as one scrolls.
  const first = chat.articles.filter({ hasText: 'number 1 of many' }).first();
  await expect(async () => {
    await chat.messages.evaluate(element => element.scrollTo(0, 0));
    expect(await chat.articles.count()).toBeLessThan(WINDOW);
    await expect(first).toBeInViewport({ timeout: 50 });
  }).toPass({ intervals: [50], timeout: 30_000 });
  await expect(chat.answers.filter({ hasText: `number ${TURNS} of many` })).toHaveCount(0);

  await page.getByRole('button', { name: 'Jump to the latest message' }).click();
  await expect(chat.answers.last()).toContainText(`number ${TURNS} of many`);
  await expect(chat.answers.last()).toBeInViewport();
  await chat.ask('one more');
  await expect(chat.answers.last()).toBeInViewport();
  expect(await chat.articles.count()).toBeLessThan(WINDOW);
});
