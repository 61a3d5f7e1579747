import type { Problems } from '../core/problems.js';
import { OptionReader, isRecord, show } from '../core/read-option.js';
import type { PyncetteModuleOptions } from './interfaces/module-options.js';

/** Options that have been checked; lists are empty where what was given was none. */
export interface NestSettings {
  readonly globalEnhancers: boolean;
  readonly guards: boolean;
  readonly interceptors: NonNullable<PyncetteModuleOptions['interceptors']>;
  readonly fixtures: NonNullable<PyncetteModuleOptions['fixtures']>;
}

/** Checks the options that this room understands. What is wrong is added to `problems`. */
export function checkNestOptions(options: PyncetteModuleOptions, problems: Problems): NestSettings {
  const given: PyncetteModuleOptions = isRecord(options) ? options : {};
  const reader = new OptionReader('PyncetteModule', { ...given }, problems);
  if (!isRecord(options)) reader.complain(`its options are ${show(options)}; they have to be an object`);
  const { interceptors = [], fixtures = [] } = given;
  return {
    globalEnhancers: reader.flag('globalEnhancers', false),
    guards: reader.flag('guards', false),
    interceptors: isList(reader, 'interceptors', 'intercept', 'classes or instances with intercept()')
      ? interceptors
      : [],
    fixtures: isList(reader, 'fixtures', null, 'classes with setUp()') ? fixtures : [],
  };
}

/** The same as the log shows them: names in place of classes and instances. */
export const shown = ({ interceptors, fixtures, ...flags }: NestSettings) => ({
  interceptors: interceptors.map((one) => (typeof one === 'function' ? one.name : one.constructor.name)),
  fixtures: fixtures.map(({ name }) => name),
  ...flags,
});

/** Whether it is a list of classes, or of objects with a method. */
function isList(reader: OptionReader, name: string, method: string | null, what: string): boolean {
  const list = reader.get(name) ?? [];
  const isFit = (one: unknown): boolean =>
    typeof one === 'function' || (method !== null && isRecord(one) && typeof one[method] === 'function');
  if (Array.isArray(list) && list.every(isFit)) return true;
  const found = Array.isArray(list) ? 'a list with something else in it' : show(list);
  reader.complain(`${name} is ${found}; it has to be a list of ${what}`);
  return false;
}
