import { Injectable, Logger } from '@nestjs/common';
import { DynamicTask, TaskContext } from 'nestjs-pyncette';
import { Order } from './order.entity.js';

@Injectable()
export class OrderTasks {
  private readonly logger = new Logger(OrderTasks.name);

  /** Effect and settlement are one transaction: the order counts exactly one reminder, whatever dies whenever. */
  @DynamicTask({ transactional: true, retry: { maxAttempts: 5, delay: '10s', backoff: 'exponential' } })
  async remind(context: TaskContext<{ orderId: number }>): Promise<void> {
    const { orderId } = context.args;
    await context.manager.increment(Order, { id: orderId }, 'reminders', 1);
    this.logger.log(`reminded of order ${orderId}`);
  }

  /** Scheduled in bulk; see `POST /orders/newsletter`. */
  @DynamicTask()
  async newsletter(): Promise<void> {}
}
