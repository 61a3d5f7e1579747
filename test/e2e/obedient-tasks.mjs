// The tasks of an application in two processes: one executes them, the other tells the schedule what is to become of them.

/**
 * @param decorators `Task` and `DynamicTask`, of the build that the process runs on
 * @param say is told what is executed, `greet:ada {"attempt":1}`
 */
export function obedientTasks({ Task, DynamicTask }, say) {
  class Tasks {
    regular() {
      say('regular');
    }

    greet(context) {
      const { task, args, attempt } = context;
      say(`${task.canonicalName} ${JSON.stringify({ attempt, ...args })}`);
      if (args.fails === true) throw new Error('as asked');
    }
  }
  const decorate = (decorator, key, options) =>
    decorator(options)(Tasks.prototype, key, Object.getOwnPropertyDescriptor(Tasks.prototype, key));
  decorate(Task, 'regular', { interval: '100ms' });
  decorate(DynamicTask, 'greet', { retry: { maxAttempts: 1, delay: '1h', exhausted: 'park' } });
  return Tasks;
}
