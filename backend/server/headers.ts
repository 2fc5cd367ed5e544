/**
 * The headers of every answer: what a page of ours may do in a browser, and that nobody else may do anything with it.
 *
 * Kept true: every answer, refusals included, has all of them; scripts come from us alone and none is inline; the page talks to
 * nobody but us. Styles may be inline, because xterm.js and Mermaid make `<style>` elements of their own.
 */

const policy: Readonly<Record<string, string>> = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'worker-src': "'self'",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

/** Content Security Policy Level 3, https://www.w3.org/TR/CSP3/. */
export const contentSecurityPolicy = Object.entries(policy)
  .map((directive) => directive.join(' '))
  .join('; ');

/** Names and values of RFC 9110, the Fetch standard and the HTML standard. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy,
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};
