// How long the origin-request function takes for bodies of several sizes, as CloudFront hands them over.
import { pathToFileURL } from 'node:url';

const { handler } = await import(pathToFileURL(process.argv[2]));
for (const size of [1_000, 100_000, 1_048_576]) {
  const data = Buffer.alloc(size, 'x').toString('base64');
  const took = [];
  for (let round = 0; round < 120; round += 1) {
    const body = { inputTruncated: false, action: 'read-only', encoding: 'base64', data };
    const request = { method: 'POST', uri: '/v1/x', querystring: '', headers: {}, body };
    const began = process.hrtime.bigint();
    await handler({ Records: [{ cf: { config: {}, request } }] });
    if (round >= 20) took.push(Number(process.hrtime.bigint() - began) / 1e6);
  }
  took.sort((one, other) => one - other);
  console.log(`signer, ${size} bytes: p50 ${took[50].toFixed(3)} ms, p99 ${took[98].toFixed(3)} ms`);
}
