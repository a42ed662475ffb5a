// Sets `x-amz-content-sha256`, without which a function URL behind origin access control (OAC) refuses every
// request with a body: OAC signs that header and never sees the body.
//
// When: Lambda@Edge runs it before CloudFront sends a request on to the origin, and before OAC signs it, with
// "include body" on. It is for /v1/*, whose clients know nothing of AWS; our own UI sends the hash itself.
//
// Limits: CloudFront shows the first 1 MB of a body, says so in `inputTruncated`, and shows none of DELETE.
// As long as nothing replaces the body, the origin gets all of it. Node.js only, no environment variables, no
// dependencies: this file is the whole function, its handler `origin-request.handler`.
//
// The hash that the client sent counts if it is one header of 64 lower-case hexadecimal digits. A wrong one
// goes on, and the function URL answers it with 403: the client's check of its own body stays one. Anything
// else under that name, such as two of them or UNSIGNED-PAYLOAD, counts as none.
//
// Nothing is ever logged: headers hold credentials, bodies hold conversations.
//
// Sources, in the Amazon CloudFront Developer Guide: "Lambda@Edge event structure", "Access the request body
// by choosing the include body option", "Generate HTTP responses in request triggers", "Restrictions on
// Lambda@Edge", "Restrict access to an AWS Lambda function URL origin".
import { Buffer } from 'node:buffer';
import { createHash, randomUUID } from 'node:crypto';

const HASH_HEADER = 'x-amz-content-sha256';
const METHODS_WITH_BODY = ['POST', 'PUT', 'PATCH'];
const WELL_FORMED_HASH = /^[0-9a-f]{64}$/;
// As the app takes it: long enough to be somebody's, and nothing that could break a log or a header.
const WELL_FORMED_TRACE_ID = /^[A-Za-z0-9._:-]{8,128}$/;
const VISIBLE_ASCII = /^[!-~]+$/;

const BODY_TOO_LARGE = {
  status: 413,
  title: 'Payload Too Large',
  code: 'body_too_large_to_hash',
  type: 'invalid_request_error',
  detail:
    'CloudFront can hash bodies of up to 1 MB for you, and this one is larger. There are two ways out: send the ' +
    `hash yourself, in one header ${HASH_HEADER} that holds the SHA-256 of the body's bytes as 64 lower-case ` +
    'hexadecimal digits; or upload the large part to a presigned URL and refer to it.',
};

/** A reason that holds nothing of the request, so that it may be told. */
class SignerError extends Error {}

export async function handler(event) {
  let request;
  try {
    request = event.Records[0].cf.request;
    return sign(request);
  } catch (error) {
    return answer(request, failure(error));
  }
}

function sign(request) {
  if (!METHODS_WITH_BODY.includes(request.method) || hasOwnHash(request)) {
    return request;
  }
  if (request.body?.inputTruncated) {
    return answer(request, BODY_TOO_LARGE);
  }
  const hash = createHash('sha256').update(bodyOf(request)).digest('hex');
  request.headers[HASH_HEADER] = [{ key: HASH_HEADER, value: hash }];
  return request;
}

function hasOwnHash(request) {
  const sent = valuesOf(request, HASH_HEADER);
  return sent.length === 1 && WELL_FORMED_HASH.test(sent[0]);
}

/** The bytes as the client sent them: never through a string, which would change what is no UTF-8. */
function bodyOf(request) {
  const body = request.body;
  if (!body) {
    if (announcesBody(request)) {
      throw new SignerError('CloudFront did not hand over the body: "include body" is off');
    }
    return Buffer.alloc(0);
  }
  if (typeof body.data !== 'string') {
    throw new SignerError('the body of the event has no data');
  }
  switch (body.encoding) {
    case 'base64':
      return Buffer.from(body.data, 'base64');
    case 'text':
      return Buffer.from(body.data, 'utf8');
    default:
      throw new SignerError('the body of the event has an unknown encoding');
  }
}

function announcesBody(request) {
  const lengths = valuesOf(request, 'content-length');
  return lengths.some((length) => length !== '0') || valuesOf(request, 'transfer-encoding').length > 0;
}

/** Never throws: the answer to a broken event is made with it as well. */
function valuesOf(request, name) {
  const lines = request?.headers?.[name];
  return Array.isArray(lines) ? lines.map((line) => String(line?.value ?? '')) : [];
}

function failure(error) {
  const reason = error instanceof SignerError ? ` (${error.message})` : '';
  return {
    status: 502,
    title: 'Bad Gateway',
    code: 'signer_failed',
    type: 'server_error',
    detail: `The signer in front of the service failed${reason}, and nothing was sent on. Try again.`,
  };
}

/** A response in the shape that Lambda@Edge takes, in the dialect of the path, as the app answers. */
function answer(request, problem) {
  const traceId = traceIdOf(request);
  const { status, title, code, type, detail } = problem;
  const isOpenAi = /^\/v1(\/|$)/.test(request?.uri ?? '');
  const [contentType, document] = isOpenAi
    ? ['application/json', { error: { message: detail, type, param: null, code } }]
    : ['application/problem+json', { type: 'about:blank', title, status, detail, code, trace_id: traceId }];
  return {
    status: String(status),
    statusDescription: title,
    headers: headersOf({
      'Content-Type': contentType,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'X-Trace-Id': traceId,
      ...corsHeaders(request),
    }),
    bodyEncoding: 'text',
    body: JSON.stringify(document),
  };
}

function traceIdOf(request) {
  const [given = ''] = valuesOf(request, 'x-trace-id');
  return WELL_FORMED_TRACE_ID.test(given) ? given : randomUUID().replaceAll('-', '');
}

/** Lets any page read the answer, which holds nothing of anybody; without credentials, as it needs none. */
function corsHeaders(request) {
  const origins = valuesOf(request, 'origin');
  if (origins.length !== 1 || !VISIBLE_ASCII.test(origins[0])) {
    return { Vary: 'Origin' };
  }
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origins[0],
    'Access-Control-Expose-Headers': 'X-Trace-Id',
  };
}

function headersOf(headers) {
  return Object.fromEntries(
    Object.entries(headers).map(([key, value]) => [key.toLowerCase(), [{ key, value }]]),
  );
}
