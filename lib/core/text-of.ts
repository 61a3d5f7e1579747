import { isRecord } from './read-option.js';

/** Anything that was thrown, as text; what cannot be made text, too. Never throws. */
export function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return `${typeof value} that cannot be shown`;
  }
}

/** What kind of error it is, and what it says. Never throws, whatever was thrown. */
export function errorText(error: unknown): { readonly name: string; readonly message: string } {
  try {
    if (error instanceof Error || isLikeError(error))
      return { name: textOf(error.name), message: textOf(error.message) };
  } catch {
    // Its getters fail.
  }
  return { name: typeof error, message: textOf(error) };
}

/** An error with its stack, for a log. Never throws. */
export function stackOf(error: unknown): string {
  try {
    if (error instanceof Error) return textOf(error.stack ?? error.message);
  } catch {
    // Its getters fail.
  }
  return textOf(error);
}

/** An error of another realm (a test runner's, or `node:vm`'s) is an instance of nothing here. */
const isLikeError = (value: unknown): value is { name: string; message: string } =>
  isRecord(value) && typeof value['name'] === 'string' && typeof value['message'] === 'string';
