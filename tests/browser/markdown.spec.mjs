import { expect, test } from './fixtures.mjs';

const HOSTILE = `
<img src=x onerror="window.scripted = 'img'"><svg onload="window.scripted = 'svg'"></svg>
<iframe src="https://tracker.example/frame"></iframe>
<style>@import url(https://tracker.example/style.css);</style>
<form action="https://tracker.example/form"><button>Send</button></form>

[mixed case](JaVaScRiPt:window.scripted='link')
[encoded](java&#115;cript:window.scripted='link')
[tab](java&#9;script:window.scripted='link')
[vbscript](vbscript:window.scripted)
[file](file:///etc/passwd)
[inside](/api/session)
[protocol relative](//tracker.example/page)
<javascript:window.scripted='autolink'>
[reference][one]
![image][two]
![](https://tracker.example/pixel.png)

[one]: javascript:window.scripted='reference'
[two]: https://tracker.example/reference.png

\`\`\`html
<script>window.scripted = 'fence'</script>
<img src=https://tracker.example/fence.png>
The fence is never closed.`;

/** What model output must never become. */
async function expectHarmless(page, answer) {
  const found = await answer.evaluate(element => ({
    elements: [...element.querySelectorAll('script, img, iframe, object, embed, style, link, form, video, audio, base, meta')]
      .map(({ outerHTML }) => outerHTML),
    handlers: [...element.querySelectorAll('*')].flatMap(({ attributes }) =>
      [...attributes].map(({ name }) => name).filter(name => name.startsWith('on')),
    ),
    links: [...element.querySelectorAll('[href], [src], [action]')]
      .map(link => link.getAttribute('href') ?? link.outerHTML)
      .filter(link => !/^(https?|mailto):/.test(link)),
  }));
  expect(found).toEqual({ elements: [], handlers: [], links: [] });
  expect(await page.evaluate(() => window.scripted)).toBeUndefined();
}

test('Markdown is shown as what it means', async ({ context, page, chat }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await chat.open('echo');
  const answer = await chat.ask('[[markdown]]');
  await expect(answer.getByRole('heading', { name: 'A heading' })).toBeVisible();
  await expect(answer.getByRole('columnheader')).toHaveText(['Name', 'Number', 'Note']);
  await expect(answer.getByRole('row').nth(2).getByRole('cell')).toHaveText(['two', '22', 'b']);
  await expect(answer.getByRole('checkbox', { name: 'Done' })).toBeChecked();
  await expect(answer.getByRole('link', { name: 'link', exact: true })).toHaveAttribute('rel', /noopener/);

  const code = answer.getByRole('figure').first();
  await expect(code).toContainText('rust');
  await expect(code.locator('.hljs-keyword').first()).toHaveText('fn');
  await code.getByRole('button', { name: 'Copy code' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Copied.' })).toBeAttached();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    'fn main() {\n    println!("<b>not bold</b> & \\"quoted\\"");\n}',
  );
});

test('hostile Markdown does nothing while it streams, nor afterwards', async ({ page, chat }) => {
  await chat.open('paced');
  const answer = await chat.ask('[[markdown]] gap_ms=10');
  await expect(answer).toContainText('The end.');
  await expectHarmless(page, answer);
  await expect(answer.getByText('a javascript link')).toBeVisible();
  await expect(answer.getByText('Image, not loaded: ')).toBeAttached();
});

test('hostile Markdown of other kinds does nothing either', async ({ page, chat }) => {
  await chat.open('echo');
  const answer = await chat.ask(HOSTILE);
  await expect(answer).toContainText('The fence is never closed.');
  await expectHarmless(page, answer);
  for (const name of ['mixed case', 'encoded', 'tab', 'vbscript', 'file', 'inside', 'protocol relative', 'reference']) {
    await expect(answer.getByRole('link', { name, exact: true })).toHaveCount(0);
    await answer.getByText(name, { exact: true }).first().click();
  }
  await expectHarmless(page, answer);
  await page.reload();
  await expect(answer).toContainText('The fence is never closed.');
  await expectHarmless(page, answer);
});

test('the Content-Security-Policy stops what would get through', async ({ page, incidents }) => {
  const response = await page.goto('/');
  expect(response.headers()['content-security-policy']).toContain("default-src");
  await page.evaluate(() => {
    const image = document.createElement('img');
    image.src = 'https://tracker.example/pixel.png';
    const script = document.createElement('script');
    script.textContent = 'window.scripted = true';
    document.body.append(image, script);
  });
  await expect.poll(() => incidents.filter(incident => incident.startsWith('CSP: ')).sort()).toEqual([
    'CSP: img-src https://tracker.example/pixel.png',
    'CSP: script-src-elem inline',
  ]);
  expect(await page.evaluate(() => window.scripted)).toBeUndefined();
  // They were wanted here, and show that the other tests would notice them.
  incidents.length = 0;
});
