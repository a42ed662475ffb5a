import { expect, test } from './fixtures.mjs';

test('a regenerated answer is a branch beside the old one', async ({ page, chat }) => {
  await chat.open('echo');
  const answer = await chat.ask('tokens=3');
  await expect(answer.getByRole('paragraph').first()).toHaveText('tokens=3');
  await chat.model.selectOption('paced');
  await answer.getByRole('button', { name: 'Regenerate answer' }).click();
  const branches = answer.getByRole('group', { name: 'Branches' });
  await expect(branches.getByTestId('branch-count')).toHaveText('2 / 2');
  await expect(answer).toContainText('token0 token1 token2');
  await expect(branches.getByRole('button', { name: 'Next branch' })).toBeDisabled();

  await branches.getByRole('button', { name: 'Previous branch' }).click();
  await expect(branches.getByTestId('branch-count')).toHaveText('1 / 2');
  await expect(answer.getByRole('paragraph').first()).toHaveText('tokens=3');
  await branches.getByRole('button', { name: 'Next branch' }).click();
  await expect(answer).toContainText('token0 token1 token2');
  await page.reload();
  await expect(branches.getByTestId('branch-count')).toHaveText('2 / 2');
  await expect(chat.articles).toHaveCount(2);
});

test('an edited question is a branch with an answer of its own', async ({ page, chat }) => {
  await chat.open('echo');
  await chat.ask('first question');
  await chat.ask('second question');
  const question = chat.questions.last();
  await question.getByRole('button', { name: 'Edit message' }).click();
  const field = page.getByRole('textbox', { name: 'Your message' });
  await expect(field).toHaveValue('second question');
  await expect(field).toBeFocused();
  await field.fill('dropped');
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(question).toContainText('second question');

  await question.getByRole('button', { name: 'Edit message' }).click();
  await field.fill('better question');
  await question.getByRole('button', { name: 'Send' }).click();
  await expect(question.getByTestId('branch-count')).toHaveText('2 / 2');
  await expect(chat.answers.last()).toContainText('better question');
  await chat.ended();
  await expect(chat.articles).toHaveCount(4);

  await question.getByRole('button', { name: 'Previous branch' }).click();
  await expect(question).toContainText('second question');
  await expect(chat.answers.last()).toContainText('second question');
  await expect(chat.articles).toHaveCount(4);
  // What is asked now goes on where one looks, not at the newest message.
  await chat.ask('third question');
  await expect(question).toContainText('third question');
  await expect(chat.questions.nth(1)).toContainText('second question');
  await expect(chat.questions.nth(1).getByTestId('branch-count')).toHaveText('1 / 2');
});
