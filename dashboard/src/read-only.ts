import { signal } from '@preact/signals';

/** Whether the server refuses changes; until it has said, nothing is offered. */
export const isReadOnly = signal(true);
