import { signal } from '@preact/signals';

export type Theme = 'light' | 'dark';

const system = matchMedia('(prefers-color-scheme: dark)');
const chosen = (): Theme | null => {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : null;
};
const current = (): Theme => chosen() ?? (system.matches ? 'dark' : 'light');

/** What is shown: what was chosen here, else what the system prefers. */
export const theme = signal<Theme>(current());

system.addEventListener('change', () => {
  theme.value = current();
});

export function toggleTheme(): void {
  const next: Theme = theme.value === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset['theme'] = next;
  theme.value = next;
  try {
    localStorage.setItem('pyncette-theme', next);
  } catch {
    // Storage is closed to us: it is for this page only.
  }
}
