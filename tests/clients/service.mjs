// The service of service.py, for tests in JavaScript, behind the front that FRONT names.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { after } from 'node:test';

const FRONT = process.env.FRONT || 'app';

/** Options of a test that runs on one front alone. */
export function onlyOn(front, why) {
  return { skip: FRONT !== front && why };
}

/** Options of a test that waits until the client's departure is noticed. */
export const DISCONNECT = onlyOn('app', 'Lambda tells nobody that a client has gone');

/**
 * Starts Tidewire and the servers behind its models, and ends them after the tests of the file.
 * @returns {Promise<{url: string, openaiUrl: string, key: string, next: (what: 'requests' | 'departures') => Promise<any>, killPrograms: () => void}>}
 *   `next` waits for what the recorder noticed next. `killPrograms` is `Service.kill_programs`.
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
  const killPrograms = () => child.stdin.write('kill\n');
  return { url, openaiUrl: `${url}/v1`, key, next, killPrograms };
}
