const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

/** What the page's policy asks of style elements that scripts add; fresh with each load. */
export function styleNonce(): string {
  return nonce;
}
