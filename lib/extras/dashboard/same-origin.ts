import type { WebRequest } from './web-request.js';

/** What the page sends with everything that changes something; other origins cannot without being asked for leave. */
export const PROOF_HEADER = 'x-pyncette-dashboard';

/** Why a request that changes something is not believed to come from the page itself; null: it is. */
export function whyForged(request: WebRequest): string | null {
  if (request.header(PROOF_HEADER) !== '1') return `it lacks the header ${PROOF_HEADER}`;
  const type = request.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') return 'its content type is not application/json';
  const site = request.header('sec-fetch-site');
  const origin = request.header('origin');
  if (site !== undefined && site !== 'same-origin') return 'it comes from another site';
  if (origin !== undefined && !isOfHost(origin, request)) {
    // A proxy may have changed the host; what the browser itself says about the site cannot be forged by a page.
    return site === 'same-origin' ? null : 'it comes from another origin';
  }
  return site === undefined && origin === undefined ? 'nothing says where it comes from' : null;
}

/** Whether a read comes from a page of another site. What says nothing is no browser, or an old one. */
export function isForeignRead(request: WebRequest): boolean {
  const site = request.header('sec-fetch-site');
  return site === 'cross-site' || site === 'same-site';
}

function isOfHost(origin: string, request: WebRequest): boolean {
  const host = hostOf(request);
  return (
    host !== undefined && URL.canParse(origin) && new URL(origin).host === withoutDefaultPort(origin, host)
  );
}

/** The host that was asked; HTTP/2 has another name for it. */
export const hostOf = (request: WebRequest): string | undefined =>
  request.header('host') ?? request.header(':authority');

/** As `URL` writes it. */
function withoutDefaultPort(origin: string, host: string): string {
  const url = `${new URL(origin).protocol}//${host}`;
  return URL.canParse(url) ? new URL(url).host : '';
}

/** Whether a host is this machine's own name: no other site's name can be made to point here and pass. */
export function isLocalHost(host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  return hostname === '[::1]' || /^(127(\.\d+){3}|(.+\.)?localhost)$/.test(hostname);
}
