import { InvalidTaskException } from '../../core/errors.js';
import { Problems } from '../../core/problems.js';
import { OptionReader, isRecord, show } from '../../core/read-option.js';
import type { DashboardGuardLike, DashboardOptions, DashboardRedaction } from './dashboard-options.js';

/** The options, checked, with their defaults. */
export interface DashboardSettings {
  readonly guards: readonly DashboardGuardLike[];
  /** Only requests to this machine's own names are answered: nobody has said who may see it. */
  readonly isLocalOnly: boolean;
  readonly readOnly: boolean;
  /** Without a slash at its end; null: as requested. */
  readonly basePath: string | null;
  readonly redact: DashboardRedaction;
}

const OWNER = 'PyncetteDashboardModule';
const NAMES = ['path', 'guards', 'readOnly', 'basePath', 'redact'];
const DEFAULT_PATH = '/pyncette';

/** The path of the routes. @throws InvalidTaskException */
export function dashboardPath(path: unknown = DEFAULT_PATH): string {
  if (isPath(path)) return path;
  throw new InvalidTaskException([
    `${OWNER}: path is ${show(path)}; it has to be a path such as '${DEFAULT_PATH}'`,
  ]);
}

/**
 * Checks the options.
 *
 * @param environment what `NODE_ENV` says
 * @throws InvalidTaskException with everything that is wrong
 */
export function dashboardSettings(given: unknown, environment: string | undefined): DashboardSettings {
  const problems = new Problems();
  const options: DashboardOptions = isRecord(given) ? given : {};
  const reader = new OptionReader(OWNER, { ...options }, problems);
  if (!isRecord(given)) reader.complain(`its options are ${show(given)}; they have to be an object`);
  reader.knowsOnly(NAMES);
  const isDevelopment = environment === 'development';
  checkGuards(reader, isDevelopment);
  checkRedaction(reader);
  const { basePath, guards, redact = [] } = options;
  if (basePath !== undefined && !isPath(basePath))
    reader.complain(`basePath is ${show(basePath)}; it has to be a path such as '/tools/pyncette'`);
  const readOnly = reader.flag('readOnly', false);
  if (problems.list.length > 0) throw new InvalidTaskException(problems.list);
  return {
    guards: guards ?? [],
    isLocalOnly: guards === undefined,
    readOnly,
    basePath: basePath === undefined ? null : `/${basePath.replaceAll(/^\/+|\/+$/g, '')}`,
    redact,
  };
}

const isPath = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w\-./~%@+:]*$/.test(value) && !value.split('/').includes('..');

function checkGuards(reader: OptionReader, isDevelopment: boolean): void {
  const guards = reader.get('guards');
  if (guards === undefined) {
    if (!isDevelopment)
      reader.complain(
        `without guards everybody who reaches the application could read and change its schedule: give guards: [AdminGuard], or guards: [] if something else keeps strangers away (NODE_ENV is not 'development')`,
      );
    return;
  }
  const isGuard = (one: unknown): boolean =>
    typeof one === 'function' || (isRecord(one) && typeof one['canActivate'] === 'function');
  if (Array.isArray(guards) && guards.every(isGuard)) return;
  const found = Array.isArray(guards) ? 'a list with something else in it' : show(guards);
  reader.complain(`guards is ${found}; it has to be a list of classes or instances with canActivate()`);
}

function checkRedaction(reader: OptionReader): void {
  const redact = reader.get('redact') ?? [];
  if (typeof redact === 'function') return;
  if (Array.isArray(redact) && redact.every((name) => typeof name === 'string')) return;
  const found = Array.isArray(redact) ? 'a list with something else in it' : show(redact);
  reader.complain(`redact is ${found}; it has to be a list of names of properties, or a function`);
}
