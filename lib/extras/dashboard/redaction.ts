import type { JsonObject, JsonValue } from '../../core/json.js';
import type { DashboardRedaction } from './dashboard-options.js';

const REDACTED = '[redacted]';
const FAILED = '[redacted: the redact function failed]';
/** Longest text of args that is sent. */
const LONGEST_TEXT = 20_000;

/** The text of args as people may see it. What a redaction fails on is not shown at all. */
export function redactedText(args: JsonObject, task: string, redact: DashboardRedaction): string {
  const text = shownText(args, task, redact);
  return text.length <= LONGEST_TEXT
    ? text
    : `${text.slice(0, LONGEST_TEXT)}\n… and ${text.length - LONGEST_TEXT} characters more`;
}

function shownText(args: JsonObject, task: string, redact: DashboardRedaction): string {
  try {
    const shown =
      typeof redact === 'function'
        ? redact(structuredClone(args), task)
        : withoutNames(args, namesOf(redact));
    return JSON.stringify(shown, null, 2) ?? REDACTED;
  } catch {
    return FAILED;
  }
}

const namesOf = (names: readonly string[]): ReadonlySet<string> =>
  new Set(names.map((name) => name.toLowerCase()));

function withoutNames(value: JsonValue, names: ReadonlySet<string>): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((item) => withoutNames(item, names));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      names.has(name.toLowerCase()) ? REDACTED : withoutNames(inner, names),
    ]),
  );
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);
