import { type AddressInfo, type Server, type Socket, createServer, connect } from 'node:net';
import { onTestFinished } from 'vitest';
import type { RedisServer } from './redis-server.js';

/** An address that leads to one server after the other, as a name or a proxy does: connections stay where they have been made. */
export class RedisAddress {
  /** A connection on which this is sent is cut before the server reads it. */
  cutAt: string | null = null;
  cuts = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private leadsTo: RedisServer,
  ) {
    server.on('connection', (socket) => this.accept(socket));
  }

  /** Opens one, until the test ends. */
  static async open(leadsTo: RedisServer): Promise<RedisAddress> {
    const server = createServer();
    const address = new RedisAddress(server, leadsTo);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => address.close());
    return address;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Leads to another server from the next connection on. */
  lead(leadsTo: RedisServer): void {
    this.leadsTo = leadsTo;
  }

  private close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private accept(client: Socket): void {
    const server = connect(this.leadsTo.port, '127.0.0.1');
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
    }
    client.on('data', (chunk) => this.pass(chunk, client, server));
    server.pipe(client);
  }

  private pass(chunk: Buffer, client: Socket, server: Socket): void {
    if (this.cutAt === null || !chunk.includes(this.cutAt)) return void server.write(chunk);
    this.cuts++;
    client.destroy();
  }
}
