import type { ActionName, ActionRequest, ActionResult } from '../../lib/extras/dashboard/wire.ts';

/** The API stands beside the files, wherever that is. */
const API = new URL(/* @vite-ignore */ '../api/', import.meta.url);

/** What the server said instead of an answer. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

export type Query = Readonly<Record<string, string | number | null | undefined>>;

export function apiUrl(path: string, query: Query = {}): string {
  const url = new URL(path, API);
  for (const [name, value] of Object.entries(query))
    if (value !== null && value !== undefined && value !== '') url.searchParams.set(name, String(value));
  return url.href;
}

export async function ask<T>(path: string, query: Query, signal: AbortSignal): Promise<T> {
  return read(await fetch(apiUrl(path, query), { signal, headers: { accept: 'application/json' } }));
}

/** The header and the type are what only a page of this origin can send without asking for leave. */
export async function act(action: ActionName, request: ActionRequest): Promise<ActionResult> {
  const response = await fetch(apiUrl(`actions/${action}`), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-pyncette-dashboard': '1' },
    body: JSON.stringify(request),
  });
  return read(response);
}

async function read<T>(response: Response): Promise<T> {
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as T;
  const message = body !== null && typeof body === 'object' && 'message' in body ? String(body.message) : '';
  throw new ApiError(message || `The server answered ${response.status}`, response.status);
}
