import { show } from '../core/read-option.js';

/** It becomes part of SQL, so nothing but letters, digits and underscores. 50 of them leave room for the index's name. */
export const isIdentifier = (name: unknown): name is string =>
  typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_]{0,49}$/.test(name);

/** What a name has to be, as messages say it. */
export const IDENTIFIER =
  'a plain identifier: at most 50 letters, digits and underscores, not beginning with a digit';

/** What is said of a name that is none. */
export const noIdentifier = (option: string, name: unknown, owner: string): string =>
  `${option} of ${owner} is ${typeof name === 'string' ? JSON.stringify(name) : show(name)}; it has to be ${IDENTIFIER}`;
