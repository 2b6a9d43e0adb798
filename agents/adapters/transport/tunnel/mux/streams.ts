import type { Clock } from '../../../../../controllers/ports/clock.ts';
import type { Limits } from '../limits.ts';
import type { IncomingStream, ResetReason, StreamHandler, TunnelError } from '../tunnel.ts';
import { protocolError, streamRefused, streamReset, tooManyStreams } from './errors.ts';
import type { Flight } from './flight.ts';
import { FrameType, MAX_OPEN_BYTES, resetCode, resetReason } from './frames.ts';
import { MemoryBudget } from './memory-budget.ts';
import { ReceiveWindow } from './receive-window.ts';
import type { Sender } from './sender.ts';
import { MuxStream } from './stream.ts';
import { TokenBucket } from './token-bucket.ts';

interface Components {
  clock: Clock;
  sender: Sender;
  flight: Flight;
}

interface Init {
  /** Answers streams; without it this is the end that opens them. */
  onStream?: StreamHandler;
  limits: Limits;
}

/** The streams of one end of a multiplexer. */
export class Streams {
  readonly #components: Components;
  readonly #limits: Limits;
  readonly #onStream: StreamHandler | undefined;
  readonly #open = new Map<number, MuxStream>();
  readonly #budget: MemoryBudget;
  readonly #resets: TokenBucket;
  #lastID = 0;

  constructor(components: Components, { onStream, limits }: Init) {
    this.#components = components;
    this.#limits = limits;
    this.#onStream = onStream;
    this.#budget = new MemoryBudget({ bytes: limits.maxBufferedBytes });
    this.#resets = new TokenBucket(components, {
      perSecond: limits.resetsPerSecond,
      burst: limits.burstResets,
    });
  }

  get size(): number {
    return this.#open.size;
  }

  /** So many streams were opened that no ID is left for another one. */
  get isExhausted(): boolean {
    return this.#lastID >= this.#limits.maxStreamID;
  }

  /** @param obstacle Why it cannot be, if so: the stream fails with it. */
  open(header: Uint8Array, obstacle?: TunnelError): MuxStream {
    if (header.length > MAX_OPEN_BYTES)
      throw new RangeError(`a header of ${header.length} bytes; at most ${MAX_OPEN_BYTES} are allowed`);
    const { maxStreams } = this.#limits;
    const refusal = obstacle ?? (this.size < maxStreams ? undefined : tooManyStreams(maxStreams));
    const stream = this.#make(refusal ? 0 : this.#lastID + 1, { answered: false });
    if (refusal) stream.fail(refusal);
    else this.#keep(stream).begin(FrameType.open, header);
    return stream;
  }

  /** A frame about streams came, other than data. @throws ProtocolError when it breaks the rules. */
  control(type: FrameType, id: number, payload: Buffer): void {
    if (type === FrameType.open) this.#answer(id, payload);
    // One that was forgotten here is one that the other side has not heard the end of yet.
    else this.#onStreamFrame(type, this.find(id), payload);
  }

  /** Undefined for a stream that is over here. @throws ProtocolError when there never was one. */
  find(id: number): MuxStream | undefined {
    if (id === 0 || id > this.#lastID)
      throw protocolError(`it spoke of stream ${id}, which was never opened`);
    return this.#open.get(id);
  }

  /** The connection is over. */
  fail(error: TunnelError): void {
    for (const stream of [...this.#open.values()]) stream.fail(error);
  }

  #onStreamFrame(type: FrameType, stream: MuxStream | undefined, payload: Buffer): void {
    switch (type) {
      case FrameType.accept:
        stream?.receiveAccept();
        break;
      case FrameType.credit:
        stream?.receiveCredit(payload.readUInt32BE());
        break;
      case FrameType.end:
        stream?.receiveEnd();
        break;
      default:
        this.#resets.take();
        stream?.fail(streamReset(resetReason(payload.readUInt8())));
    }
  }

  #answer(id: number, header: Buffer): void {
    if (!this.#onStream) throw protocolError('it opened a stream, which is not its part');
    if (id <= this.#lastID) throw protocolError(`it opened stream ${id} after stream ${this.#lastID}`);
    this.#lastID = id;
    // Whoever opens and breaks off streams without end is not worth the work of answering.
    if (this.size >= this.#limits.maxStreams || this.#resets.isEmpty) this.#turnAway(id, 'TooManyStreams');
    else {
      const stream = this.#keep(this.#make(id, { answered: true }));
      void ask(this.#onStream, incoming(stream, Buffer.from(header)));
    }
  }

  #turnAway(id: number, reason: ResetReason): void {
    this.#components.sender.control(FrameType.reset, id, Uint8Array.of(resetCode(reason)));
  }

  #make(id: number, { answered }: { answered: boolean }): MuxStream {
    const { clock, sender, flight } = this.#components;
    const components = { clock, budget: this.#budget };
    const window = new ReceiveWindow(components, { maxBytes: this.#limits.maxWindowBytes });
    return new MuxStream({ sender, flight, window, onOver: this.#forget }, { id, answered });
  }

  #keep(stream: MuxStream): MuxStream {
    this.#lastID = stream.id;
    this.#open.set(stream.id, stream);
    return stream;
  }

  readonly #forget = (stream: MuxStream): void => {
    this.#open.delete(stream.id);
  };
}

function incoming(stream: MuxStream, header: Uint8Array): IncomingStream {
  return {
    header,
    accept: () => {
      stream.begin(FrameType.accept);
      return stream;
    },
    refuse: (reason) => void stream.destroy(streamRefused(reason)),
  };
}

async function ask(onStream: StreamHandler, stream: IncomingStream): Promise<void> {
  try {
    await onStream(stream);
  } catch {
    // The other side is told that it failed; why is for the handler to log.
    stream.refuse('InternalError');
  }
}
