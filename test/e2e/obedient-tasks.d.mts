import type { DynamicTask, Task } from 'nestjs-pyncette';

export declare function obedientTasks(
  decorators: { readonly Task: typeof Task; readonly DynamicTask: typeof DynamicTask },
  say: (line: string) => void,
): new () => object;
