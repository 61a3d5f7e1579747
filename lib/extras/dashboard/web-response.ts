import type { ServerResponse } from 'node:http';
import { isRecord } from '../../core/read-option.js';

/** Nothing but the page's own files; no script or style within the page; in nobody's frame. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** On everything that the dashboard answers. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-robots-tag': 'noindex',
};

/** What an application's CORS would add: nothing here is for other origins. */
const SHARING_HEADERS = ['access-control-allow-origin', 'access-control-allow-credentials'];

/** What is answered. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Takes the response from the framework, so that neither its serialisation nor what the application's interceptors make of a
 * result touches it.
 *
 * @param response what `@Res()` gives: Express's response is Node's own, Fastify's reply holds it and lets go of it
 */
export function takeOver(response: unknown): ServerResponse {
  const isOfFastify = isReply(response);
  if (isOfFastify) response.hijack();
  const raw = isOfFastify ? response.raw : response;
  if (!isRawResponse(raw)) throw new TypeError('The dashboard works on Express and on Fastify');
  for (const name of SHARING_HEADERS) raw.removeHeader(name);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) raw.setHeader(name, value);
  return raw;
}

/** What Fastify's reply has. */
interface Reply {
  hijack(): unknown;
  readonly raw: unknown;
}

const isReply = (value: unknown): value is Reply => isRecord(value) && typeof value['hijack'] === 'function';

const isRawResponse = (value: unknown): value is ServerResponse =>
  isRecord(value) && typeof value['setHeader'] === 'function' && typeof value['end'] === 'function';

/** Answers, once. */
export function answer(response: unknown, { status, type, body, headers = {} }: Answer): void {
  const raw = takeOver(response);
  raw.statusCode = status;
  for (const [name, value] of Object.entries(headers)) raw.setHeader(name, value);
  if (status !== 304) {
    raw.setHeader('content-type', type);
    raw.setHeader('content-length', Buffer.byteLength(body));
  }
  raw.end(status === 304 ? undefined : body);
}

/** Answers with JSON that nobody keeps. */
export function answerJson(response: unknown, status: number, value: unknown): void {
  answer(response, {
    status,
    type: 'application/json; charset=utf-8',
    body: JSON.stringify(value),
    headers: { 'cache-control': 'no-store' },
  });
}
