import { Duplex } from 'node:stream';
import { TunnelError, type TunnelStream } from '../tunnel.ts';
import { protocolError } from './errors.ts';
import type { Flight } from './flight.ts';
import type { FrameBatch } from './frame-batch.ts';
import { EARLY_BYTES, FrameType, MAX_CREDIT, MAX_DATA_BYTES, resetCode } from './frames.ts';
import { Inbox } from './inbox.ts';
import type { ReceiveWindow } from './receive-window.ts';
import type { Sender, Source } from './sender.ts';

/** Taken ahead of what the tunnel can carry, so that a source need not stop and start for each of its chunks. */
const WRITE_AHEAD_BYTES = 256 * 1024;

interface Components {
  sender: Sender;
  window: ReceiveWindow;
  flight: Pick<Flight, 'roundTripMs'>;
  /** Nothing more will be said about this stream on the wire. */
  onOver: (stream: MuxStream) => void;
}

type Callback = (error?: Error | null) => void;

/**
 * One stream of a multiplexer. What its reader does not want yet waits in an inbox and not in the Duplex: that
 * packs small pieces, and only what is really read makes room for more.
 */
export class MuxStream extends Duplex implements TunnelStream, Source {
  readonly id: number;
  readonly #sender: Sender;
  readonly #window: ReceiveWindow;
  readonly #flight: Pick<Flight, 'roundTripMs'>;
  readonly #onOver: (stream: MuxStream) => void;
  readonly #inbox = new Inbox();
  #credit = EARLY_BYTES;
  /** What is being sent, and whom to tell when it is. */
  #chunk: Buffer | undefined;
  #onSent: Callback | undefined;
  #onEnded: Callback | undefined;
  /** The Duplex has asked for bytes and got none yet. */
  #wanted = false;
  #begun = false;
  #answered: boolean;
  #endSent = false;
  #endReceived = false;
  #over = false;

  /** @param init.answered False: `accept` must come before anything else. */
  constructor(components: Components, init: { id: number; answered: boolean }) {
    // A mark of one byte: the Duplex asks again only when it has nothing left.
    super({ readableHighWaterMark: 1, writableHighWaterMark: WRITE_AHEAD_BYTES });
    this.id = init.id;
    this.#answered = init.answered;
    this.#sender = components.sender;
    this.#window = components.window;
    this.#flight = components.flight;
    this.#onOver = components.onOver;
    // What another machine does to a stream must not end the program of whoever forgot to listen.
    this.on('error', () => undefined);
  }

  /** Says so with a frame, and from then on gives credit. Does nothing on a stream that is over. */
  begin(type: FrameType, payload?: Uint8Array): void {
    if (this.#begun || this.#over) return;
    this.#begun = true;
    this.#sender.control(type, this.id, payload);
    this.#grant(this.#unread);
  }

  receiveAccept(): void {
    if (this.#answered) throw protocolError('it accepted a stream twice');
    this.#answered = true;
    this.emit('connect');
  }

  /** @throws ProtocolError when there was no credit for it, before it was accepted or after its end. */
  receive(bytes: Buffer): void {
    this.#check();
    this.#window.received(bytes.length);
    if (this.#inbox.bytes === 0 && (this.#wanted || this.readableLength === 0)) this.#hand(bytes);
    else this.#inbox.add(bytes);
    this.#grant(this.#unread);
  }

  /** The other side has closed its half. */
  receiveEnd(): void {
    this.#check();
    this.#endReceived = true;
    if (this.#inbox.bytes === 0) this.push(null);
    this.#settle();
  }

  /** The other side lets us send more. */
  receiveCredit(bytes: number): void {
    if (!this.#answered || bytes === 0) throw protocolError('it gave credit where none was due');
    this.#credit += bytes;
    if (this.#credit > MAX_CREDIT) throw protocolError('it gave more credit than can be counted');
    if (this.#chunk) this.#sender.ready(this);
  }

  /** The stream broke: bytes may be missing, and nothing more is said about it. */
  fail(error: TunnelError): void {
    this.#leave();
    this.destroy(error);
  }

  send(batch: FrameBatch): boolean {
    if (this.#chunk) this.#sendData(batch, this.#chunk, Math.min(MAX_DATA_BYTES, this.#credit));
    if (!this.#chunk && this.#onEnded) this.#sendEnd(batch, this.#onEnded);
    return this.#chunk !== undefined && this.#credit > 0;
  }

  override _read(): void {
    const bytes = this.#inbox.take();
    this.#wanted = true;
    if (bytes) this.#hand(bytes);
    if (this.#endReceived && this.#inbox.bytes === 0) this.push(null);
    else this.#grant(this.#inbox.bytes);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    // Nothing to say, and there is no frame that says nothing.
    if (chunk.length === 0) callback();
    else {
      this.#chunk = chunk;
      this.#onSent = callback;
      if (this.#credit > 0) this.#sender.ready(this);
    }
  }

  override _final(callback: Callback): void {
    this.#onEnded = callback;
    this.#sender.ready(this);
  }

  override _destroy(error: Error | null, callback: Callback): void {
    if (!this.#over) {
      const reason = error instanceof TunnelError ? error.reason : error ? 'InternalError' : 'Cancelled';
      this.#sender.control(FrameType.reset, this.id, Uint8Array.of(resetCode(reason)));
      this.#leave();
    }
    // Not before: what was not read yet takes memory, also after its end.
    this.#window.release();
    this.#chunk = undefined;
    this.#onSent?.(error ?? new TunnelError('Cancelled', 'the stream was destroyed before this was sent'));
    callback(error);
  }

  get #unread(): number {
    return this.#inbox.bytes + this.readableLength;
  }

  #check(): void {
    if (!this.#answered) throw protocolError('it used a stream before it had accepted it');
    if (this.#endReceived) throw protocolError('it used a stream after it had ended it');
  }

  #grant(unread: number): void {
    if (!this.#begun || this.#endReceived || this.#over) return;
    const credit = this.#window.grant(unread, this.#flight.roundTripMs);
    if (credit > 0) this.#sender.numbers(FrameType.credit, this.id, credit);
  }

  #hand(bytes: Buffer): void {
    this.#wanted = false;
    this.push(bytes);
  }

  #sendData(batch: FrameBatch, chunk: Buffer, max: number): void {
    if (max <= 0) return;
    const all = chunk.length <= max;
    batch.data(this.id, all ? chunk : chunk.subarray(0, max));
    this.#credit -= all ? chunk.length : max;
    this.#chunk = all ? undefined : chunk.subarray(max);
    if (!all) return;
    const onSent = this.#onSent;
    this.#onSent = undefined;
    // This may bring the next chunk at once, or the end.
    onSent?.();
  }

  #sendEnd(batch: FrameBatch, onEnded: Callback): void {
    batch.control(FrameType.end, this.id);
    this.#onEnded = undefined;
    this.#endSent = true;
    this.#settle();
    onEnded();
  }

  #settle(): void {
    if (this.#endSent && this.#endReceived) this.#leave();
  }

  #leave(): void {
    if (this.#over) return;
    this.#over = true;
    this.#sender.remove(this);
    this.#onOver(this);
  }
}
