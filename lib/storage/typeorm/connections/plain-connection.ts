import type { Work } from '../statement.js';
import { ServerConnection } from './server-connection.js';

/** Statements that stand alone: with compare-and-set every write is complete in itself. */
export class PlainConnection extends ServerConnection {
  override write<T>(work: () => Work<T>): Promise<T> {
    return this.read(work);
  }
}
