/**
 * On every answer: nothing we send is to be sniffed for another type, kept by a cache, or named to the next site.
 * There are no CORS headers: the API is for servers, and a browser must not lend its user's network to a page.
 */
export const SAFETY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** A year: long enough that nobody's browser forgets it between two visits. */
const HTTPS_ONLY_S = 31_536_000;

/**
 * Where the public URL is https: a browser that was here once asks by HTTPS alone, so that nobody in between can answer a
 * request by HTTP. Without `includeSubDomains` and `preload`: the rest of the domain is not ours.
 */
const SAFETY_HEADERS_OF_HTTPS: Readonly<Record<string, string>> = {
  ...SAFETY_HEADERS,
  'strict-transport-security': `max-age=${HTTPS_ONLY_S}`,
};

export function safetyHeaders(publicUrl: string | null): Readonly<Record<string, string>> {
  return publicUrl?.startsWith('https:') === true ? SAFETY_HEADERS_OF_HTTPS : SAFETY_HEADERS;
}
