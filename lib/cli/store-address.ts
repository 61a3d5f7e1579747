import { UsageError } from './failures.js';
import type { Invocation } from './arguments.js';
import type { Terminal } from './terminal.js';

/** Where a store is, as it was given. */
export interface StoreAddress {
  readonly kind: 'postgres' | 'mysql' | 'mariadb' | 'sqlite' | 'redis';
  /** As drivers want it; a path for SQLite. Never shown. */
  readonly url: string;
  /** The same without anything secret. */
  readonly shown: string;
  /** What must not be shown, wherever it comes from. */
  readonly secrets: readonly string[];
}

const SCHEMES: Readonly<Record<string, StoreAddress['kind']>> = {
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mysql',
  mariadb: 'mariadb',
  redis: 'redis',
  rediss: 'redis',
};

const WAYS =
  'postgres://, mysql://, mariadb://, redis://, sqlite:FILE, or the path of a file that ends in .db or .sqlite';

/** The store that a command line, or else the environment, names. @throws UsageError when none does */
export function storeAddress(invocation: Invocation, { env }: Pick<Terminal, 'env'>): StoreAddress {
  const given = [
    ['--url', invocation.text('url')],
    ['PYNCETTE_URL', env['PYNCETTE_URL']],
    ['DATABASE_URL', env['DATABASE_URL']],
  ] as const;
  for (const [from, url] of given) if (url) return readAddress(url, from);
  throw new UsageError(`which database? Give --url, or set PYNCETTE_URL or DATABASE_URL: ${WAYS}`);
}

/** @throws UsageError, which does not repeat what it was given: it may hold a password */
export function readAddress(text: string, from: string): StoreAddress {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'sqlite') return fileAddress(text.slice('sqlite:'.length).replace(/^\/\/(?=.)/, ''), from);
  const kind = scheme === undefined ? undefined : SCHEMES[scheme];
  if (kind !== undefined && scheme !== undefined) return serverAddress(text, scheme, kind, from);
  if (/\.(db|sqlite3?)$/i.test(text) && !text.includes('://')) return fileAddress(text, from);
  const what =
    scheme === undefined || !text.includes('://')
      ? 'no URL of a database'
      : `of a kind that is not known here, '${scheme}'`;
  throw new UsageError(`what ${from} says is ${what}: it has to be ${WAYS}`);
}

function fileAddress(path: string, from: string): StoreAddress {
  if (path === '') throw new UsageError(`what ${from} says names no file: sqlite:FILE`);
  if (path === ':memory:')
    throw new UsageError(
      `what ${from} says is a database in memory: it is seen only by the process that has it`,
    );
  return { kind: 'sqlite', url: path, shown: path, secrets: [] };
}

function serverAddress(text: string, scheme: string, kind: StoreAddress['kind'], from: string): StoreAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UsageError(
      `what ${from} says is no URL: ${scheme}://USER:PASSWORD@HOST:PORT/DATABASE, with %40 for an @ in the password, and so on`,
    );
  }
  return {
    kind,
    url: kind === 'postgres' ? text.replace(/^[a-z]+:/i, 'postgres:') : text,
    shown: shownUrl(url, kind),
    secrets: secretsOf(url),
  };
}

/** Without password and parameters; on Redis without the user too, for some put the password there. */
function shownUrl({ protocol, username, password, host, pathname }: URL, kind: StoreAddress['kind']): string {
  const user = kind === 'redis' || username === '' ? '' : username;
  const secret = password === '' ? '' : ':***';
  const account = user + secret === '' ? '' : `${user}${secret}@`;
  return `${protocol}//${account}${host}${pathname}`;
}

/** As they were written, and as they are meant. Short ones would take half of a message with them. */
function secretsOf(url: URL): readonly string[] {
  const parameters = [...url.searchParams]
    .filter(([name]) => /pass|secret|token|key/i.test(name))
    .map(([, value]) => value);
  return [url.password, decoded(url.password), ...parameters].filter((secret) => secret.length >= 3);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A message without the secrets of an address. */
export const masked = (message: string, { secrets }: Pick<StoreAddress, 'secrets'>): string =>
  secrets.reduce((text, secret) => text.replaceAll(secret, '***'), message);
