import { visible } from './printers/escape.ts';

/** What a stream of a process has that commands need. */
export interface OutputStream {
  write(text: string): unknown;
  isTTY?: boolean;
  /** Width of the terminal. */
  columns?: number;
}

export interface InputStream extends AsyncIterable<string | Uint8Array> {
  isTTY?: boolean;
  /** On a terminal: whether characters come as they are typed, unseen. */
  setRawMode?(raw: boolean): unknown;
}

export interface IOStreams {
  stdin: InputStream;
  stdout: OutputStream;
  stderr: OutputStream;
}

const COLOURS = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;
export type Colour = keyof typeof COLOURS;

/**
 * Where a command writes. A terminal never sees a control character that is not ours: everything but
 * `control` is made visible on the way.
 */
export class Output {
  readonly #stream: () => OutputStream;
  readonly #env: NodeJS.ProcessEnv;

  /** @param stream Asked for the stream when there is something to write: Node opens its streams when they are first named, and that takes time. */
  constructor(stream: () => OutputStream, env: NodeJS.ProcessEnv) {
    this.#stream = stream;
    this.#env = env;
  }

  get isTerminal(): boolean {
    return this.#stream().isTTY ?? false;
  }

  /** Characters in a line. */
  get columns(): number {
    return this.#stream().columns ?? 80;
  }

  write(text: string): void {
    this.#stream().write(this.isTerminal ? visible(text) : text);
  }

  line(text = ''): void {
    this.write(`${text}\n`);
  }

  /** `text` made visible and, on a terminal that has them, in a colour: for {@link control}. */
  style(text: string, colour?: Colour): string {
    const hasColour = this.isTerminal && !this.#env.NO_COLOR && this.#env.TERM !== 'dumb';
    return hasColour && colour ? `\x1b[${COLOURS[colour]}m${visible(text)}\x1b[0m` : visible(text);
  }

  /** Writes as it is: for our own colours and cursor movements around text that went through `style` or `visible`. */
  control(text: string): void {
    this.#stream().write(text);
  }
}
