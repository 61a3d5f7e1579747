import { Inject, Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { InvalidTaskException } from '../../core/errors.js';
import type { DashboardSettings } from './dashboard-settings.js';
import { DASHBOARD_SETTINGS, PAGE_FOLDER } from './dashboard.constants.js';
import type { WebRequest } from './web-request.js';
import type { Answer } from './web-response.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** What the built page writes where its files are. */
const PLACE = './assets/';

/** Kept for good: the name changes with the content. */
const HASHED = /-[\w-]{8}\.\w+$/;

interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  readonly etag: string;
  readonly cache: string;
  zipped: Buffer | null;
}

/** The built page: its one document and its files, in memory, found by their names and by nothing else. */
@Injectable()
export class PageFiles {
  private readonly assets = new Map<string, PageFile>();
  private readonly document: string;

  constructor(
    @Inject(PAGE_FOLDER) folder: string,
    @Inject(DASHBOARD_SETTINGS) private readonly settings: DashboardSettings,
  ) {
    const index = join(folder, 'index.html');
    if (!existsSync(index))
      throw new InvalidTaskException([
        `PyncetteDashboardModule: the page has not been built, ${index} is missing: run \`npm run build\``,
      ]);
    this.document = readFileSync(index, 'utf8');
    for (const name of readdirSync(join(folder, 'assets')))
      this.assets.set(name, pageFile(name, readFileSync(join(folder, 'assets', name))));
  }

  /** The document, with the place of its files as the browser has to ask for them. */
  page(request: WebRequest): Answer {
    const place = escapeHtml(this.placeFor(request));
    return fileAnswer(request, pageFile('index.html', Buffer.from(this.document.replaceAll(PLACE, place))));
  }

  /** The file whose name ends the path, null if there is none. */
  asset(request: WebRequest): Answer | null {
    const name = pathOf(request).split('/').at(-1) ?? '';
    const file = this.assets.get(name);
    return file === undefined ? null : fileAnswer(request, file);
  }

  /** Relative to what was asked for, so that no prefix has to be known, unless `basePath` says it. */
  private placeFor(request: WebRequest): string {
    const { basePath } = this.settings;
    if (basePath !== null) return `${basePath === '/' ? '' : basePath}/assets/`;
    const last = pathOf(request).split('/').at(-1) ?? '';
    return last === '' ? PLACE : `./${last}/assets/`;
  }
}

const pathOf = ({ url }: WebRequest): string => url.split(/[?#]/)[0] ?? '';

function pageFile(name: string, body: Buffer): PageFile {
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 20);
  return {
    type: TYPES[extname(name)] ?? 'application/octet-stream',
    body,
    etag: `W/"${hash}"`,
    cache: HASHED.test(name) ? 'private, max-age=31536000, immutable' : 'private, no-cache',
    zipped: null,
  };
}

function fileAnswer(request: WebRequest, file: PageFile): Answer {
  const isKnown = (request.header('if-none-match') ?? '').split(',').some((tag) => tag.trim() === file.etag);
  const canUnzip = /\bgzip\b/.test(request.header('accept-encoding') ?? '');
  const headers = { etag: file.etag, 'cache-control': file.cache, vary: 'accept-encoding' };
  return {
    status: isKnown ? 304 : 200,
    type: file.type,
    body: canUnzip ? (file.zipped ??= gzipSync(file.body, { level: 9 })) : file.body,
    headers: canUnzip ? { ...headers, 'content-encoding': 'gzip' } : headers,
  };
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeHtml = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);
