import { useEffect, useRef, useState } from 'preact/hooks';
import { type Query, ask } from './api.ts';
import { pulse } from './live.ts';

/** What was asked for, and how that went. */
export interface Answer<T> {
  /** The last answer; still here while it is asked again, or when that fails. */
  readonly data: T | null;
  readonly error: string | null;
  readonly isLoading: boolean;
  reload(): void;
}

/** How often it is asked again at most, and at least. */
const SOONEST_MS = 2_000;
const LATEST_MS = 15_000;
/** Something was changed here: shown without waiting. */
const listeners = new Set<() => void>();

export function refreshAll(): void {
  for (const listener of listeners) listener();
}

/** Asks the server, and again whenever something has happened there. */
export function useAnswer<T>(path: string, query: Query): Answer<T> {
  const key = JSON.stringify([path, query]);
  const [state, setState] = useState<{ key: string; data: T | null; error: string | null }>({
    key,
    data: null,
    error: null,
  });
  const reload = useRef<() => void>(() => undefined);

  useEffect(() => {
    const end = new AbortController();
    const load = async (): Promise<void> => {
      try {
        const data = await ask<T>(path, query, AbortSignal.any([end.signal, AbortSignal.timeout(20_000)]));
        if (!end.signal.aborted) setState({ key, data, error: null });
      } catch (error) {
        if (end.signal.aborted) return;
        const message = error instanceof Error ? error.message : String(error);
        setState((known) => ({ key, data: known.key === key ? known.data : null, error: message }));
      }
    };
    reload.current = () => void load();
    const stop = askAgain(load);
    void load();
    return () => {
      stop();
      end.abort();
    };
  }, [key]);

  const isOfKey = state.key === key;
  return {
    data: isOfKey ? state.data : null,
    error: isOfKey ? state.error : null,
    isLoading: !isOfKey || (state.data === null && state.error === null),
    reload: () => reload.current(),
  };
}

function askAgain(load: () => Promise<void>): () => void {
  let askedAt = Date.now();
  let seen = pulse.peek();
  let isAsking = false;
  const again = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    seen = pulse.peek();
    askedAt = Date.now();
    await load();
    isAsking = false;
  };
  const timer = setInterval(() => {
    const sinceMs = Date.now() - askedAt;
    const isStale = (seen !== pulse.peek() && sinceMs >= SOONEST_MS) || sinceMs >= LATEST_MS;
    if (isStale && !document.hidden) void again();
  }, 500);
  const now = (): void => void again();
  listeners.add(now);
  return () => {
    clearInterval(timer);
    listeners.delete(now);
  };
}
