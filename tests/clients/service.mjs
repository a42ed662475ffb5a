// The service of service.py, for tests in JavaScript.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { after } from 'node:test';

/**
 * Starts Tidewire and the servers behind its models, and ends them after the tests of the file.
 * @returns {Promise<{url: string, openaiUrl: string, key: string, next: (what: 'requests' | 'departures') => Promise<any>}>}
 *   `next` waits for what the recorder noticed next.
 */
export async function startService() {
  const script = fileURLToPath(new URL('service.py', import.meta.url));
  const child = spawn(process.env.PYTHON ?? 'python3', ['-B', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  after(async () => {
    child.stdin.end();
    await ended;
  });
  const lines = createInterface(child.stdout);
  const [line] = await Promise.race([
    once(lines, 'line'),
    ended.then(([code]) => {
      throw new Error(`service.py ended with ${code}`);
    }),
  ]);
  const { url, key, recorder } = JSON.parse(line);
  const next = async what => (await fetch(`${recorder}/${what}`)).json();
  return { url, openaiUrl: `${url}/v1`, key, next };
}
