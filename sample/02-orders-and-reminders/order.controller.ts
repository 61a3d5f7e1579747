import {
  Body,
  ConflictException,
  Controller,
  Delete,
  Get,
  NotFoundException,
  Param,
  ParseIntPipe,
  Post,
} from '@nestjs/common';
import { IsEmail, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { PyncetteService } from 'nestjs-pyncette';
import { DataSource } from 'typeorm';
import { Order } from './order.entity.js';
import { OrderTasks } from './order.tasks.js';
import { progressBar } from './progress-bar.js';

class NewOrder {
  @IsEmail()
  email!: string;

  @IsInt()
  @Min(1)
  total!: number;

  /** `'3d'`, `'10s'`. */
  @IsOptional()
  @IsString()
  remindIn?: string;
}

class NewNewsletter {
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readers!: number;
}

const CREDIT_LIMIT = 1_000;

@Controller('orders')
export class OrderController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pyncette: PyncetteService,
  ) {}

  /** The order and its reminder commit together, or not at all. */
  @Post()
  async create(@Body() { email, total, remindIn = '3d' }: NewOrder): Promise<Order> {
    return this.dataSource.transaction(async (manager) => {
      const order = await manager.save(Order, { email, total });
      await this.pyncette.scheduleTask([OrderTasks, 'remind'], String(order.id), {
        executeIn: remindIn,
        args: { orderId: order.id },
        manager,
      });
      // Whatever is thrown from here on undoes the order and the reminder.
      if (total > CREDIT_LIMIT) throw new ConflictException(`more than ${CREDIT_LIMIT} needs an approval`);
      return order;
    });
  }

  @Get(':id')
  async show(@Param('id', ParseIntPipe) id: number): Promise<Order & { remindedAt: string | null }> {
    const order = await this.dataSource.getRepository(Order).findOneBy({ id });
    if (order === null) throw new NotFoundException(`there is no order ${id}`);
    const reminder = await this.pyncette.getTask('remind', String(id));
    return { ...order, remindedAt: reminder?.scheduledAt?.toISO() ?? null };
  }

  /** Paid, or cancelled: neither the order nor its reminder remain. */
  @Delete(':id')
  async remove(@Param('id', ParseIntPipe) id: number): Promise<{ existed: boolean }> {
    return this.dataSource.transaction(async (manager) => {
      await manager.delete(Order, { id });
      return { existed: await this.pyncette.unscheduleTask('remind', String(id), { manager }) };
    });
  }

  @Post('newsletter')
  async newsletter(@Body() { readers }: NewNewsletter): Promise<{ scheduled: number }> {
    const instances = Array.from({ length: readers }, (_, index) => ({
      instanceName: `reader ${index}`,
      schedule: 'H H * * MON',
    }));
    await this.pyncette.scheduleTasks('newsletter', instances, { onProgress: progressBar('scheduling') });
    return { scheduled: readers };
  }
}
