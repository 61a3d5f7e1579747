/** What JSON can carry. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** What args are once they are stored. */
export type JsonObject = { readonly [key: string]: JsonValue };
