// The real program and the scripted server behind its models, as processes of the test's own.
//
// Binaries come from target/debug; TIDEWIRE_BIN, OPENAI_UPSTREAM_BIN and CLOUD_PATH_BIN name others.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const DEBUG = fileURLToPath(new URL('../../target/debug', import.meta.url));
const TIDEWIRE = process.env.TIDEWIRE_BIN || join(DEBUG, 'tidewire');
const UPSTREAM = process.env.OPENAI_UPSTREAM_BIN || join(DEBUG, 'openai-upstream');
const CLOUD_PATH = process.env.CLOUD_PATH_BIN || join(DEBUG, 'cloud-path');
const SEED = fileURLToPath(new URL('seed.py', import.meta.url));

/** A process that prints its address, and a way to end it. */
async function startServer([command, ...given], options) {
  const child = spawn(command, given, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let said = '';
  const kill = async signal => {
    child.kill(signal);
    await ended;
  };
  const url = new Promise((resolve, reject) => {
    const read = line => {
      said += `${line}\n`;
      const found = /http:\/\/\S+/.exec(line);
      if (found) resolve(found[0]);
    };
    createInterface(child.stdout).on('line', read);
    child.stderr.on('data', data => (said += data));
    ended.then(([code, signal]) => reject(new Error(`${command} ended with ${code ?? signal}:\n${said}`)), reject);
  });
  url.catch(() => undefined);
  return { url: await url, kill, pid: child.pid };
}

/** The ids of a process's children with this name. */
async function childrenOf(parent, wanted) {
  const ids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async id => {
      // It may have gone meanwhile.
      const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
      const [, name, parentId] = /\((.*)\) \S (\d+) /s.exec(stat) ?? [];
      return name === wanted && Number(parentId) === parent ? Number(id) : null;
    }),
  );
  return found.filter(id => id !== null);
}

/** Starts the scripted server; tests/openai-upstream/src/behaviour.rs says how its models answer. */
export function startUpstream() {
  return startServer([UPSTREAM], { env: { PATH: process.env.PATH } });
}

/** A Tidewire with a data directory of its own, which a restart keeps. */
export class Service {
  #directory;
  #settings;
  #server;
  #front;

  /** Its address, which a restart keeps. */
  url;
  /** The API key that signs in, where it was started with one. */
  key = null;

  /**
   * @param {string} upstreamUrl the scripted server
   * @param {{ keyed?: boolean, front?: string | null, settings?: Record<string, string> }} options `keyed`: one must
   *   sign in; `front`: how much of AWS stands before it, as `cloud-path` names it
   */
  static async start(upstreamUrl, { keyed = false, front = null, settings = {} } = {}) {
    const service = new Service();
    service.#front = front;
    service.#directory = await mkdtemp(join(tmpdir(), 'tidewire-browser-'));
    const served = { provider: 'openai_compatible', base_url: upstreamUrl, capabilities: ['tools'] };
    service.#settings = {
      PORT: '0',
      TIDEWIRE_MODELS: JSON.stringify([
        { id: 'echo', ...served },
        { id: 'paced', ...served },
        { id: 'reasoner', ...served },
      ]),
      TIDEWIRE_DEFAULT_MODEL: 'offline',
      ...settings,
    };
    if (keyed) await service.#makeKey('tester');
    await service.start();
    return service;
  }

  /** Starts it, again where it was before. */
  async start() {
    this.#server = await startServer(this.#command(), { cwd: this.#directory, env: this.#environment() });
    this.url = this.#server.url.replace(/\/$/, '');
    this.#settings.PORT = new URL(this.url).port;
  }

  /** Ends it as a crash would. */
  kill() {
    return this.#server.kill('SIGKILL');
  }

  /** Kills the program in every environment behind a front, as running out of memory does. Linux. */
  async killPrograms() {
    const programs = await childrenOf(this.#server.pid, 'tidewire');
    if (programs.length === 0) throw new Error('no environment runs');
    for (const program of programs) process.kill(program, 'SIGKILL');
  }

  /** Ends it and deletes what it kept. */
  async end() {
    // A front has processes of its own to end.
    await this.#server.kill(this.#front ? 'SIGTERM' : 'SIGKILL');
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Sends a request to the native API; returns the JSON of the response. */
  async api(path, body) {
    const headers = { 'Content-Type': 'application/json' };
    if (this.key) headers.Authorization = `Bearer ${this.key}`;
    const response = await fetch(`${this.url}/api${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** Writes turns into the store by themselves, many at once. Returns the conversation's id. */
  async seed(turns) {
    const { id } = await this.api('/conversations', { title: 'Long', model: 'echo' });
    const database = join(this.#directory, 'data', 'tidewire.db');
    const given = ['-B', SEED, database, id, String(turns)];
    await promisify(execFile)(process.env.PYTHON || 'python3', given);
    return id;
  }

  /** The newest message of a conversation, as it is stored. */
  async newestMessage(conversationId) {
    const { items } = await this.api(`/conversations/${conversationId}/messages?limit=1`);
    return items[0];
  }

  #command() {
    if (this.#front === null) return [TIDEWIRE];
    const ports = ['--port', this.#settings.PORT, '--function-port', '0'];
    return [CLOUD_PATH, '--front', this.#front, '--app', TIDEWIRE, ...ports];
  }

  /** Nothing of the developer's own: no keys, no proxies, no settings. */
  #environment() {
    return {
      PATH: process.env.PATH,
      HOME: this.#directory,
      TMPDIR: this.#directory,
      NO_COLOR: '1',
      TIDEWIRE_DATA_DIR: join(this.#directory, 'data'),
      TIDEWIRE_LOG__FILTER: 'warn',
      ...this.#settings,
    };
  }

  async #makeKey(name) {
    const made = await promisify(execFile)(TIDEWIRE, ['key', name], {
      cwd: this.#directory,
      env: this.#environment(),
    });
    this.key = /^ +(tw_\S+)$/m.exec(made.stdout)[1];
    const sha256 = /sha256 = "([0-9a-f]{64})"/.exec(made.stdout)[1];
    this.#settings.TIDEWIRE_KEYS = JSON.stringify([{ name, sha256 }]);
  }
}
