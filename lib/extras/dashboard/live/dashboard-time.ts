import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type Clock, SystemClock } from '../../../core/clock.js';
import { isRecord } from '../../../core/read-option.js';
import { PYNCETTE_REPOSITORY } from '../../../nest/pyncette.constants.js';

/** The time by which rows are due, for the page to count from: the repository's. */
@Injectable()
export class DashboardTime {
  private clock: Pick<Clock, 'now'> | null = null;

  constructor(private readonly moduleRef: ModuleRef) {}

  now(): number {
    return (this.clock ??= this.find()).now();
  }

  private find(): Pick<Clock, 'now'> {
    const repository: unknown = this.moduleRef.get(PYNCETTE_REPOSITORY, { strict: false });
    return isClock(repository) ? repository : new SystemClock();
  }
}

const isClock = (value: unknown): value is Pick<Clock, 'now'> =>
  isRecord(value) && typeof value['now'] === 'function';
