/**
 * The lower-case hex SHA-256 of a request body, for the header `x-amz-content-sha256`: CloudFront signs requests to a
 * function URL, but not their bodies, and the function URL refuses a body without its hash.
 *
 * `null` where the browser offers no WebCrypto (plain HTTP to another machine); nothing there asks for the hash.
 */
export async function hashContent(body: Uint8Array<ArrayBuffer>): Promise<string | null> {
  // Typed as always present, but absent in insecure contexts.
  const subtle = globalThis.crypto.subtle as SubtleCrypto | undefined;
  if (!subtle) return null;
  const digest = new Uint8Array(await subtle.digest('SHA-256', body));
  return Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('');
}
