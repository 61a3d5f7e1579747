import type { IncomingMessage } from 'node:http';
import { isRecord } from '../../core/read-option.js';

/** Longest body that is read. */
const LONGEST_BODY = 64 * 1024;

/** A request, whichever adapter it came through. The application's pipes do not see it. */
export interface WebRequest {
  readonly raw: IncomingMessage;
  readonly method: string;
  /** As it was sent: without the host, with its query. */
  readonly url: string;
  readonly query: URLSearchParams;
  header(name: string): string | undefined;
  /** The JSON of its body. @throws RangeError when it is none, or too long */
  body(): Promise<unknown>;
}

/** @param request what `@Req()` gives: Express's request is Node's own, Fastify's holds it */
export function webRequest(request: unknown): WebRequest {
  const raw = rawOf(request);
  const given = isRecord(request) ? request : {};
  const original = given['originalUrl'];
  const url = typeof original === 'string' ? original : (raw.url ?? '/');
  return {
    raw,
    method: raw.method ?? 'GET',
    url,
    query: new URLSearchParams(url.split('?')[1] ?? ''),
    header: (name) => {
      const value = raw.headers[name];
      return Array.isArray(value) ? value.join(',') : value;
    },
    body: async () => given['body'] ?? parse(await readAll(raw)),
  };
}

function rawOf(request: unknown): IncomingMessage {
  const raw = isRecord(request) && isMessage(request['raw']) ? request['raw'] : request;
  if (isMessage(raw)) return raw;
  throw new TypeError('The dashboard works on Express and on Fastify; this request is of neither');
}

const isMessage = (value: unknown): value is IncomingMessage =>
  isRecord(value) && isRecord(value['headers']) && typeof value['on'] === 'function';

/** Where the application parses no bodies. */
async function readAll(raw: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of raw) {
    const bytes = Buffer.from(part);
    length += bytes.length;
    if (length > LONGEST_BODY) throw new RangeError('the body is too long');
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RangeError('the body is not JSON');
  }
}
