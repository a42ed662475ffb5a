import { expect, test, textOf } from './fixtures.mjs';

const QUESTION = 'How do I connect Tidewire to Bedrock?';

test.use({ settings: { TIDEWIRE_OFFLINE__TOKENS_PER_SECOND: '200' } });

test('a question is answered as a stream, with sources', async ({ page, chat }) => {
  await chat.open();
  await chat.send(QUESTION);
  await expect(page).toHaveURL(/\/c\/.+/);
  await expect(chat.questions).toContainText(QUESTION);
  const answer = chat.answers.last();
  await expect(answer).toHaveAttribute('aria-busy', 'true');
  await expect(answer.getByRole('paragraph').first()).not.toBeEmpty();
  await chat.ended();
  await expect(answer).toContainText('provider = "bedrock"');
  await expect(page.getByTestId('finish-note')).toHaveCount(0);

  const marker = answer.getByRole('button', { name: /^Source 1: / }).first();
  const name = await marker.getAttribute('aria-label');
  const [title, section] = name.replace('Source 1: ', '').split(' · ');
  await marker.click();
  const dialog = page.getByRole('dialog', { name: 'Source 1' });
  await expect(dialog.getByText(title, { exact: true })).toBeVisible();
  await expect(dialog.getByText(section, { exact: true })).toBeVisible();
  // The passage is Markdown, and shown as such.
  const passage = dialog.getByRole('blockquote');
  await expect(passage.locator('p code').first()).toHaveText('provider = "bedrock"');
  await expect(passage.locator('pre')).toContainText('default_model = "claude"');
  await expect(passage).not.toContainText('`');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(marker).toBeFocused();
  await answer.getByRole('list', { name: 'Sources' }).getByRole('button', { name, exact: true }).click();
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toHaveCount(0);
});

test('a suggestion is asked with a click', async ({ page, chat }) => {
  await chat.open();
  const suggestion = page.getByRole('list', { name: 'Suggestions' }).getByRole('button').first();
  const text = await suggestion.textContent();
  await suggestion.click();
  await expect(chat.questions).toContainText(text);
  await expect(chat.answers.last().getByRole('paragraph').first()).not.toBeEmpty();
});

test('an answer goes on where it was when the page is reloaded', async ({ page, chat, service }) => {
  await chat.open('paced');
  await chat.send('tokens=160 gap_ms=20');
  const answer = chat.answers.last();
  await expect(answer).toContainText('token40 ');
  await page.reload();
  await expect(answer).toContainText('token40 ');
  await expect(answer).toHaveAttribute('aria-busy', 'true');
  const early = await answer.getByRole('paragraph').textContent();
  expect(early).toMatch(/^token0 token1 /);
  expect(early).not.toContain('token159');
  await chat.ended();
  const stored = textOf(await service.newestMessage(chat.id())).trim();
  expect(stored.split(' ')).toHaveLength(160);
  await expect(answer.getByRole('paragraph')).toHaveText(stored);
  await expect(chat.articles).toHaveCount(2);
});

test('an answer streams into a second tab too', async ({ page, chat, context }) => {
  await chat.open('paced');
  await chat.send('tokens=100 gap_ms=20');
  await expect(chat.answers.last()).toContainText('token10 ');
  const other = await context.newPage();
  await other.goto(page.url());
  const answer = other.getByRole('region', { name: 'Messages' }).getByRole('article').last();
  await expect(answer).toHaveAttribute('aria-busy', 'true');
  await expect(answer).toContainText('token10 ');
  await expect(answer).toContainText('token99');
  await expect(answer).toHaveAttribute('aria-busy', 'false');
});

for (const how of ['button', 'Escape']) {
  test(`stopping by ${how} keeps what was written`, async ({ page, chat, service }) => {
    await chat.open('paced');
    await chat.send('tokens=1000 gap_ms=20');
    const answer = chat.answers.last();
    await expect(answer).toContainText('token20 ');
    if (how === 'button') await chat.stop.click();
    else await page.keyboard.press('Escape');
    const note = answer.getByTestId('finish-note');
    await expect(note).toHaveAttribute('data-reason', 'stopped');
    await expect(note).toContainText('Stopped.');
    const stored = await service.newestMessage(chat.id());
    expect(stored.finish_reason).toBe('stopped');
    expect(textOf(stored)).toContain('token20 ');
    await expect(answer.getByRole('paragraph').first()).toHaveText(textOf(stored).trim());
    await expect(chat.stop).toHaveCount(0);
    await note.getByRole('button', { name: 'Continue' }).click();
    await expect(chat.answers).toHaveCount(2);
  });
}

test('the chosen model answers, and is remembered', async ({ page, chat }) => {
  await chat.open();
  await expect(chat.model).toHaveValue('offline');
  await chat.model.selectOption('echo');
  await expect((await chat.ask('said by echo')).getByRole('paragraph').first()).toHaveText('said by echo');
  await expect(chat.model).toHaveValue('echo');
  await chat.model.selectOption('paced');
  await expect(await chat.ask('tokens=3')).toContainText('token0 token1 token2');
  await page.reload();
  await expect(chat.model).toHaveValue('paced');
  await expect(chat.articles).toHaveCount(4);
});

test('a call of a tool shows what it was given and what it returned', async ({ chat }) => {
  await chat.open('echo');
  const answer = await chat.ask('use tool, please');
  const call = answer.getByTestId('tool-call');
  await expect(call).toHaveAttribute('data-state', 'ok');
  await expect(call.getByText('Result')).toBeHidden();
  await call.getByText('current_time').click();
  await expect(call.getByText('input: use tool, please')).toBeVisible();
  await expect(call.getByText('Result')).toBeVisible();
  await expect(call.getByText('(UTC)')).toBeVisible();
  await expect(answer).toContainText('The tool said: ');
});

test('reasoning is folded away', async ({ chat }) => {
  await chat.open('reasoner');
  const answer = await chat.ask('Think');
  const thought = answer.getByText('I think about it step by step.');
  await expect(answer.getByText('Reasoning')).toBeVisible();
  await expect(thought).toBeHidden();
  await answer.getByText('Reasoning').click();
  await expect(thought).toBeVisible();
});

test('a failed answer says why and can be tried again', async ({ chat, service }) => {
  await chat.open('echo');
  const answer = await chat.ask('[[error 500]]');
  await expect(answer.getByTestId('finish-note')).toHaveAttribute('data-reason', 'error');
  const { parts } = await service.newestMessage(chat.id());
  await expect(answer).toContainText(parts.find(({ type }) => type === 'error').message);
  await expect(answer).toContainText('scripted error 500');
  await answer.getByRole('button', { name: 'Retry' }).click();
  await expect(answer.getByTestId('branch-count')).toHaveText('2 / 2');
  await expect(answer).toContainText('scripted error 500');
});

test('an answer that is cut keeps its text', async ({ chat }) => {
  await chat.open('echo');
  const answer = await chat.ask('one two three four five six [[cut]]');
  await expect(answer.getByTestId('finish-note')).toHaveAttribute('data-reason', 'error');
  await expect(answer).toContainText('one two');
});

test('a throttled answer tells so', async ({ chat }) => {
  await chat.open('echo');
  const answer = await chat.ask('[[error 429]]');
  await expect(answer.getByTestId('finish-note')).toHaveAttribute('data-reason', 'error');
  await expect(answer.getByRole('button', { name: 'Retry' })).toBeVisible();
});
