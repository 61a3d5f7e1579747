import { signal } from '@preact/signals';

/** What is shown. It stands behind the `#`, so that the server has one page, wherever that is. */
export type Route =
  | { readonly page: 'overview' }
  | { readonly page: 'tasks' }
  | { readonly page: 'task'; readonly task: string }
  | { readonly page: 'instance'; readonly task: string; readonly instance: string };

function read(hash: string): Route {
  const [page, task, instance] = hash.replace(/^#\/?/, '').split('/').map(decode);
  if (page !== 'tasks') return { page: 'overview' };
  if (!task) return { page: 'tasks' };
  return instance ? { page: 'instance', task, instance } : { page: 'task', task };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const route = signal<Route>(read(location.hash));

addEventListener('hashchange', () => {
  route.value = read(location.hash);
});

export const hrefOf = {
  overview: '#/',
  tasks: '#/tasks',
  of: (task: string, instance: string | null = null): string =>
    `#/tasks/${encodeURIComponent(task)}${instance === null ? '' : `/${encodeURIComponent(instance)}`}`,
};
