import { styleText } from 'node:util';
import type { ReadStream, WriteStream } from 'node:tty';
import { UsageError } from './failures.js';

/** What a command is connected to. */
export interface Streams {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The colours that mean something here. */
export type Paint = 'red' | 'yellow' | 'green' | 'cyan' | 'dim' | 'bold';

/** Where people and programs read: results on standard output, everything else on standard error. */
export class Terminal {
  constructor(private readonly streams: Streams) {}

  get env(): Streams['env'] {
    return this.streams.env;
  }

  /** How wide a line may be; what is no terminal has no end. */
  get columns(): number {
    const { isTTY, columns } = this.streams.stdout;
    return isTTY && columns > 0 ? columns : Number.POSITIVE_INFINITY;
  }

  /** One line of the result. */
  line(text = ''): void {
    this.streams.stdout.write(`${text}\n`);
  }

  /** The result for programs. */
  json(value: unknown): void {
    this.line(JSON.stringify(value, null, 2));
  }

  /** Said beside the result. */
  note(text: string): void {
    this.streams.stderr.write(`${text}\n`);
  }

  /** Only on a terminal, and only if it wants colours: it asks NO_COLOR and TERM. */
  paint(colour: Paint, text: string): string {
    return this.isColoured(this.streams.stdout) ? styleText(colour, text, { validateStream: false }) : text;
  }

  paintNote(colour: Paint, text: string): string {
    return this.isColoured(this.streams.stderr) ? styleText(colour, text, { validateStream: false }) : text;
  }

  /** Where notes go: progress is drawn there. */
  get notes(): WriteStream {
    return this.streams.stderr;
  }

  /** Asks whether to go on. @throws UsageError where nobody can be asked */
  async confirms(question: string): Promise<boolean> {
    const { stdin, stderr } = this.streams;
    if (!stdin.isTTY || !stderr.isTTY)
      throw new UsageError(`${question} Nobody can be asked here: give --yes to do it without asking`);
    const { createInterface } = await import('node:readline/promises');
    const reader = createInterface({ input: stdin, output: stderr });
    try {
      const ended = new Promise<string>((resolve) => reader.once('close', () => resolve('')));
      const asked = reader.question(`${question} [y/N] `).catch(() => '');
      const answer = await Promise.race([asked, ended]);
      return /^y(es)?$/i.test(answer.trim());
    } finally {
      reader.close();
    }
  }

  private isColoured(stream: WriteStream): boolean {
    const { NO_COLOR } = this.env;
    return stream.isTTY && (NO_COLOR === undefined || NO_COLOR === '') && stream.hasColors(this.env);
  }
}
