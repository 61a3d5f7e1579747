import type { JSX } from 'preact';
import { type Connection, connection, isHealthy, isStoreFailing } from '../live.ts';
import { hrefOf, route } from '../route.ts';
import { theme, toggleTheme } from '../theme.ts';
import { Icon } from './icons.tsx';

const CONNECTIONS: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Connection lost',
  refused: 'Not allowed',
};

export function Header({ process }: { process: string | null }): JSX.Element {
  const { page } = route.value;
  const isDark = theme.value === 'dark';
  return (
    <header class="header">
      <div class="header-inner">
        <a class="brand" href={hrefOf.overview} aria-label="Pyncette, overview">
          <span class="brand-mark">
            <Icon name="clock" />
          </span>
          <span>Pyncette</span>
        </a>
        <nav aria-label="Views">
          <a href={hrefOf.overview} aria-current={page === 'overview' ? 'page' : undefined}>
            Overview
          </a>
          <a href={hrefOf.tasks} aria-current={page === 'overview' ? undefined : 'page'}>
            Tasks
          </a>
        </nav>
        <span class="header-space" />
        {process !== null && <span class="process">{process}</span>}
        <span class={`connection connection-${connection.value}`} role="status">
          <span class="connection-dot" aria-hidden="true" />
          {CONNECTIONS[connection.value]}
        </span>
        <button
          type="button"
          class="button button-icon"
          aria-label={isDark ? 'Switch to the light theme' : 'Switch to the dark theme'}
          onClick={toggleTheme}
        >
          <Icon name={isDark ? 'sun' : 'moon'} />
        </button>
      </div>
    </header>
  );
}

/** Says in words what keeps the page from being true. */
export function ConnectionBanner(): JSX.Element {
  const text = bannerText();
  return (
    <div role="status" aria-live="polite" class="banner-place">
      {text !== null && <p class="banner">{text}</p>}
    </div>
  );
}

function bannerText(): string | null {
  if (connection.value === 'lost')
    return 'The connection is lost. What you see is what was; it is tried again by itself.';
  if (connection.value === 'refused')
    return 'You may not see this any more: sign in, then load the page again.';
  if (connection.value === 'connecting') return null;
  if (isStoreFailing.value)
    return 'The scheduler’s store does not answer. Work goes on by itself as soon as it does.';
  return isHealthy.value ? null : 'This process does not poll: no tick has succeeded lately.';
}
