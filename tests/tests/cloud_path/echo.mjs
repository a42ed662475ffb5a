#!/usr/bin/env node
// Answers each request with what it was. `/status/N` answers with that status and nothing else.
// START_DELAY_MS: how long it takes to be ready.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  const status = /^\/status\/(\d+)/.exec(request.url);
  if (status) {
    response.writeHead(Number(status[1]), { location: '/elsewhere' }).end();
    return;
  }
  const hash = createHash('sha256');
  let length = 0;
  request.on('data', piece => {
    hash.update(piece);
    length += piece.length;
  });
  request.on('end', () => {
    const { method, url, headers } = request;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ method, url, headers, length, sha256: hash.digest('hex') }));
  });
});
setTimeout(() => server.listen(Number(process.env.PORT), '127.0.0.1'), Number(process.env.START_DELAY_MS ?? 0));
