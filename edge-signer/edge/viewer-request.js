// Carries the viewer's `Authorization` and `Host` past CloudFront, and takes away what only CloudFront, Lambda
// and we may say.
//
// When: CloudFront runs it for each request of a viewer, before the cache, before the origin-request
// function and before origin access control (OAC), which overwrites `Authorization` with its own signature.
// The Lambda Web Adapter moves the header back: AWS_LWA_AUTHORIZATION_SOURCE=x-tidewire-authorization. The
// origin gets a Host of its own; the app compares a page's Origin with the viewer's, in the header that its
// setting server.host_header names.
//
// Limits: 10 kB of source, about a millisecond, no body, and JavaScript runtime 2.0 (ES 5.1 and some of
// ES 6 to 12); eslint.config.mjs holds this file to that. Header names come in lower case. CloudFront hides
// X-Amz-Cf-*, X-Forwarded-Proto, X-Real-IP and a few more from functions, and sets those itself.
//
// Sources, in the Amazon CloudFront Developer Guide: "JavaScript runtime 2.0 features for CloudFront
// Functions", "CloudFront Functions event structure", "Restrictions on all edge functions", "Restrict access
// to an AWS Lambda function URL origin".

const AUTHORIZATION_CARRIER = 'x-tidewire-authorization';
const HOST_CARRIER = 'x-tidewire-host';

// `x-amz-` and `x-amzn-` name who signs, for whom, and with which credentials. `x-forwarded-` and `Forwarded`
// are claims of the viewer: CloudFront appends the address that it sees to X-Forwarded-For, so without them
// that address is all the header holds.
const RESERVED_PREFIXES = ['x-tidewire-', 'x-amz-', 'x-amzn-', 'x-forwarded-'];
const RESERVED_NAMES = ['forwarded'];

// The hash of the body is the sender's to say: a wrong one is refused by the function URL.
const VIEWERS_OWN = ['x-amz-content-sha256'];

function isReserved(name) {
  if (VIEWERS_OWN.includes(name)) {
    return false;
  }
  return RESERVED_NAMES.includes(name) || RESERVED_PREFIXES.some((prefix) => name.startsWith(prefix));
}

// All lines of a header as one value. Of two credentials none is chosen: joined they are no credential that
// the app knows, so it refuses the request.
function joined(header) {
  if (header.multiValue) {
    return header.multiValue.map((line) => line.value).join(', ');
  }
  return header.value;
}

function handler(event) {
  const request = event.request;
  const headers = request.headers;
  Object.keys(headers).forEach((name) => {
    if (isReserved(name)) {
      delete headers[name];
    }
  });
  if (headers.authorization) {
    headers[AUTHORIZATION_CARRIER] = { value: joined(headers.authorization) };
    delete headers.authorization;
  }
  if (headers.host) {
    headers[HOST_CARRIER] = { value: joined(headers.host) };
  }
  return request;
}
