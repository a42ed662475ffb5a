import { expect, overflowOf, test } from './fixtures.mjs';

test.use({ settings: { TIDEWIRE_OFFLINE__TOKENS_PER_SECOND: '0' } });

for (const width of [1280, 360]) {
  test.describe(`at ${width} px`, () => {
    test.use({ viewport: { width, height: 740 } });

    test('the sources of one document are told apart by their sections', async ({ chat }) => {
      await chat.open();
      const answer = await chat.ask('How do I connect Tidewire to Bedrock?');
      const chips = answer.getByRole('list', { name: 'Sources' }).getByRole('button');
      const names = await chips.evaluateAll(all => all.map(chip => chip.getAttribute('aria-label')));
      expect(names.length).toBeGreaterThan(1);
      expect(new Set(names.map(name => name.replace(/^Source \d+: /, ''))).size).toBe(names.length);
      for (const [index, name] of names.entries()) {
        const chip = chips.nth(index);
        const [, number, title, place] = /^Source (\d+): (.+?) · (.+)$/.exec(name);
        const section = place.split(' › ').at(-1);
        await expect(chip).toHaveAttribute('title', `${title} · ${place}`);
        await expect(chip).toContainText(number);
        // What tells it from the others is whole; only the headings over it may be cut.
        for (const text of [title, section]) {
          const shown = chip.locator('span', { hasText: text }).last();
          await expect(shown).toBeVisible();
          expect(await overflowOf(shown)).toBe(0);
        }
        expect(await overflowOf(chip)).toBe(0);
      }
    });
  });
}
