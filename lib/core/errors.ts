/** What all errors of this package extend; `code` stays the same between releases, messages may be reworded. */
export abstract class PyncetteException extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The configuration of the application is wrong; the message holds every problem that was found. Thrown at bootstrap. */
export class InvalidTaskException extends PyncetteException {
  readonly code = 'PYNCETTE_INVALID_TASK';

  constructor(
    /** One line for each problem, each naming the task and the way out. */
    readonly problems: readonly string[],
  ) {
    super(
      problems.length === 1
        ? String(problems[0])
        : `${problems.length} problems in the configuration of the scheduler:\n${problems.map((problem) => `- ${problem}`).join('\n')}`,
    );
  }
}

/** What was given to `scheduleTask` is no schedule, or cannot be stored. Nothing was written. */
export class InvalidScheduleException extends PyncetteException {
  readonly code = 'PYNCETTE_INVALID_SCHEDULE';
}

/** No task of that name, method or class is known to this process. */
export class TaskNotFoundException extends PyncetteException {
  readonly code = 'PYNCETTE_TASK_NOT_FOUND';
}

/** The lease of an execution is no longer its own: whatever it does to its row changes nothing. */
export class LeaseLostException extends PyncetteException {
  readonly code = 'PYNCETTE_LEASE_LOST';
}

/** The store failed, cannot do what was asked, or took too long. */
export class RepositoryException extends PyncetteException {
  readonly code = 'PYNCETTE_REPOSITORY';
  /** True: trying again will not help, for the configuration is wrong. It ends the application's start. */
  readonly isPermanent: boolean;

  /** True: the caller has asked for what cannot be; it says nothing about the store's health. */
  readonly isOfCaller: boolean;

  constructor(
    message: string,
    options: ErrorOptions & { readonly isPermanent?: boolean; readonly isOfCaller?: boolean } = {},
  ) {
    super(message, options);
    this.isPermanent = options.isPermanent === true;
    this.isOfCaller = options.isOfCaller === true;
  }
}

/** An execution took longer than its `timeout`; the reason of its aborted signal, and its failure. */
export class TaskTimeoutException extends PyncetteException {
  readonly code = 'PYNCETTE_TASK_TIMEOUT';
}

/** The reason of a signal that is aborted because `shutdownTimeout` has passed. */
export class ShutdownException extends PyncetteException {
  readonly code = 'PYNCETTE_SHUTDOWN';
}
