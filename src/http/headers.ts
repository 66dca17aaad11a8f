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
