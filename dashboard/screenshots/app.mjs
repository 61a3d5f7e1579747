// A shop whose scheduler has something to show: an application on a clock that is turned by hand, so that minutes pass in a moment.
import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DynamicTask, PyncetteModule, PyncetteService, Task, WithHeartbeat } from 'nestjs-pyncette';
import { PyncetteDashboardModule } from 'nestjs-pyncette/dashboard';
import { TestClock } from 'nestjs-pyncette/testing';

const clock = new TestClock('2026-03-12T09:41:03Z');

/** The same numbers every time. */
let seed = 7;
const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
const work = (from, to) => clock.sleep(Math.round(from + random() * (to - from)));

class ShopTasks {
  async syncOrders() {
    await work(120, 900);
  }
  async refreshPrices() {
    await work(40, 260);
  }
  async importCatalogue() {
    await work(38_000, 44_000);
  }
  async nightlyReport() {}
  async weeklyInvoices() {}
  async cleanUp() {}
}

class CustomerTasks {
  async sendReminder() {
    await work(30, 600);
  }
  async chargeSubscription({ args, attempt }) {
    await work(200, 1_400);
    if (args.card === 'expired' || (attempt === 1 && random() < 0.1))
      throw new Error('The payment provider answered 402: the card has expired');
  }
}

const decorate = (type, method, ...decorators) => {
  for (const decorator of decorators)
    decorator(type.prototype, method, Object.getOwnPropertyDescriptor(type.prototype, method));
};
decorate(ShopTasks, 'syncOrders', Task({ interval: '3s' }));
decorate(ShopTasks, 'refreshPrices', Task({ schedule: '*/5 * * * * *' }));
decorate(ShopTasks, 'importCatalogue', Task({ interval: '45s' }), WithHeartbeat());
decorate(ShopTasks, 'nightlyReport', Task({ schedule: '30 2 * * *', timezone: 'Europe/Dublin' }));
decorate(ShopTasks, 'weeklyInvoices', Task({ schedule: '0 9 * * 1', timezone: 'America/New_York' }));
decorate(ShopTasks, 'cleanUp', Task({ interval: '10m' }));
decorate(CustomerTasks, 'sendReminder', DynamicTask());
const retry = { maxAttempts: 2, delay: '20s', exhausted: 'park' };
decorate(CustomerTasks, 'chargeSubscription', DynamicTask({ retry }));
for (const type of [ShopTasks, CustomerTasks]) Injectable()(type);

class AppModule {}
Module({
  imports: [
    PyncetteModule.forRoot({ clock, concurrencyLimit: 5, history: { retention: '7d' } }),
    PyncetteDashboardModule.forRoot({ guards: [], redact: ['iban'] }),
  ],
  providers: [ShopTasks, CustomerTasks],
})(AppModule);

async function schedule(pyncette) {
  const name = (index) => `customer-${String(index).padStart(4, '0')}`;
  await pyncette.scheduleTasks(
    'sendReminder',
    Array.from({ length: 1_840 }, (_, index) => ({
      instanceName: name(index),
      interval: { seconds: 300 + Math.round(random() * 900) },
      args: { channel: index % 3 === 0 ? 'sms' : 'mail' },
    })),
  );
  await pyncette.scheduleTasks(
    'chargeSubscription',
    Array.from({ length: 320 }, (_, index) => ({
      instanceName: name(index * 5),
      interval: { seconds: 90 + Math.round(random() * 400) },
      args: {
        plan: ['basic', 'plus', 'pro'][index % 3],
        amount: { cents: 900 + (index % 3) * 700, currency: 'EUR' },
        iban: 'IE29AIBK93115212345678',
        ...(index % 97 === 5 && { card: 'expired' }),
      },
    })),
  );
  await pyncette.pauseTask('cleanUp');
}

/** Starts it, lets twenty minutes pass, and goes on in real time until it is closed. */
export async function startShop() {
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  await schedule(app.get(PyncetteService));
  await clock.advance('20m');
  const timer = setInterval(() => void clock.advance('1s'), 1_000);
  const close = async () => {
    clearInterval(timer);
    const closing = app.close();
    await clock.advance('2m');
    await closing;
  };
  return { url: `${await app.getUrl()}/pyncette`, close };
}
