import { expect, test } from './fixtures.mjs';

/** Whether all of an element can be seen and pressed: nothing lies over its middle or its corners, or cuts them off. */
function isWhole(locator) {
  return locator.evaluate(element => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    // The corners are round.
    const [x0, y0, x1, y1] = [left + 5, top + 5, right - 5, bottom - 5];
    const points = [[(x0 + x1) / 2, (y0 + y1) / 2], [x0, y0], [x1, y0], [x0, y1], [x1, y1]];
    return points.every(([x, y]) => element.contains(document.elementFromPoint(x, y)));
  });
}

/** How far the end of the list is below the screen. */
function distanceFromEnd(messages) {
  return messages.evaluate(element => element.scrollHeight - element.scrollTop - element.clientHeight);
}

/** Waits until the list has come to rest, and says how far its end is below the screen then. */
function restingDistance(messages) {
  return messages.evaluate(async element => {
    const read = () => [element.scrollHeight, element.scrollTop].join();
    const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
    for (let same = 0, last = read(); same < 10; ) {
      await frame();
      const now = read();
      same = now === last ? same + 1 : 0;
      last = now;
    }
    return element.scrollHeight - element.scrollTop - element.clientHeight;
  });
}

/**
 * Lets the list's content grow by some lines whenever the browser has moved a list up that shrank, before anybody on
 * the page hears of it: as where the next lines of an answer are drawn in between. Returns a function that says how
 * often that came to pass.
 */
async function growWhereItShrinks(page) {
  await page.addInitScript(() => {
    const linesPx = 150;
    window.timesGrown = 0;
    let height = 0;
    let top = 0;
    const beforeTheApp = ({ target }) => {
      if (target.ariaLabel !== 'Messages') return;
      if (target.scrollHeight < height - linesPx && target.scrollTop < top) {
        window.timesGrown += 1;
        target.lastElementChild.style.paddingBottom = `${window.timesGrown * linesPx}px`;
      }
      height = target.scrollHeight;
      top = target.scrollTop;
    };
    addEventListener('scroll', beforeTheApp, { capture: true });
  });
  return () => page.evaluate(() => window.timesGrown);
}

test.describe('on a narrow screen', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test('a question is edited with all of the form in view', async ({ page, chat }) => {
    await chat.open('echo');
    await chat.ask('line\n'.repeat(24));
    await chat.ask('short');
    await chat.ask('line\n'.repeat(24));
    await chat.ask('the last one');
    const form = page.locator('form', { has: page.getByRole('textbox', { name: 'Your message' }) });
    const buttons = ['Cancel', 'Send'].map(name => form.getByRole('button', { name }));
    // Where the screen ends below the question's actions, or so little below that the form's field has room, but its
    // buttons have not.
    for (const [index, below] of [[3, 0], [2, 0], [1, 0], [1, 20], [1, 40], [0, 0]]) {
      const question = chat.questions.nth(index);
      const edit = question.getByRole('button', { name: 'Edit message' });
      await edit.evaluate(element => element.scrollIntoView({ block: 'end' }));
      await chat.messages.evaluate((element, by) => element.scrollBy(0, by), below);
      await restingDistance(chat.messages);
      await edit.click();
      for (const button of buttons) await expect.poll(() => isWhole(button)).toBe(true);
      await buttons[0].click({ timeout: 1_000 });
      await expect(form).toHaveCount(0);
      await restingDistance(chat.messages);
    }
  });
});

test.describe('in a window that gets wider', () => {
  test.use({ viewport: { width: 360, height: 740 } });
  const wide = { width: 1280, height: 740 };

  test('a conversation whose rows turn out lower than they were stays at its end', async ({ page, chat }) => {
    const timesGrown = await growWhereItShrinks(page);
    await chat.open('echo');
    await chat.ask('word '.repeat(600));
    expect(await restingDistance(chat.messages)).toBeLessThan(2);
    const before = await timesGrown();
    await page.setViewportSize(wide);
    await expect.poll(timesGrown).toBeGreaterThan(before);
    expect(await restingDistance(chat.messages)).toBeLessThan(2);
    await expect(page.getByRole('button', { name: 'Jump to the latest message' })).toHaveCount(0);
  });

  test('the end of an answer that streams stays in view, also when the list shrinks', async ({ page, chat }) => {
    const timesGrown = await growWhereItShrinks(page);
    await chat.open('echo');
    await chat.ask('word '.repeat(600));
    await chat.model.selectOption('paced');
    await chat.send('tokens=600 gap_ms=5');
    const answer = chat.answers.last();
    await expect(answer).toContainText('token50 ');
    const before = await timesGrown();
    await page.setViewportSize(wide);
    await expect.poll(timesGrown).toBeGreaterThan(before);
    await expect(answer).toContainText('token500 ');
    // It follows frame by frame: as far as the last line at most.
    await expect.poll(() => distanceFromEnd(chat.messages)).toBeLessThan(48);
    await chat.ended();
    expect(await restingDistance(chat.messages)).toBeLessThan(2);
    await expect(page.getByRole('button', { name: 'Jump to the latest message' })).toHaveCount(0);
  });
});

test('what is in the list can be pressed while it scrolls', async ({ chat }) => {
  await chat.open('echo');
  await chat.ask('line\n'.repeat(60));
  const hit = await chat.messages.evaluate(async element => {
    const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
    let pressed = true;
    for (let step = 0; step < 20; step += 1) {
      element.scrollTop -= 10;
      await frame();
      const { left, top, width, height } = element.getBoundingClientRect();
      const under = document.elementFromPoint(left + width / 2, top + height / 2);
      pressed &&= under.closest('article') !== null;
    }
    return pressed;
  });
  expect(hit).toBe(true);
});
