import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';

/** What goes over the wire, as JSON: a service needs no more than a way to write it. */
export interface Message {
  value: number;
  text?: string;
}

export const serialize = (message: Message): Buffer => Buffer.from(JSON.stringify(message));
export const deserialize = (bytes: Buffer): Message => JSON.parse(bytes.toString());

function method(
  name: string,
  requestStream = false,
  responseStream = false,
): MethodDefinition<Message, Message> {
  return {
    path: pathOf(name),
    requestStream,
    responseStream,
    requestSerialize: serialize,
    requestDeserialize: deserialize,
    responseSerialize: serialize,
    responseDeserialize: deserialize,
  };
}

export function pathOf(name: string): string {
  return `/test.Sums/${name}`;
}

const METHODS = {
  double: method('Double'),
  fail: method('Fail'),
  hang: method('Hang'),
  count: method('Count', false, true),
  sum: method('Sum', true),
  failEarly: method('FailEarly', true),
  running: method('Running', true, true),
};

type Unary = ServerUnaryCall<Message, Message>;
type Reply = sendUnaryData<Message>;

/** A server of gRPC, without TLS, that does sums. */
export class Sums {
  /** Calls of `hang` so far. */
  hanging = 0;
  /** Those that the client gave up. */
  cancelled = 0;
  readonly #server = new Server({ 'grpc.max_receive_message_length': -1 });

  constructor() {
    this.#server.addService(METHODS, {
      /** Says what it was told in metadata, before and behind its answer. */
      double: (call: Unary, reply: Reply) => {
        call.sendMetadata(call.metadata);
        reply(null, { ...call.request, value: 2 * call.request.value }, call.metadata);
      },
      fail: (call: Unary, reply: Reply) => {
        reply({ code: status.NOT_FOUND, details: 'no such sum: ½', metadata: call.metadata });
      },
      hang: (call: Unary) => {
        this.hanging++;
        call.once('cancelled', () => {
          this.cancelled++;
        });
      },
      /** All numbers up to the value. */
      count: (call: ServerWritableStream<Message, Message>) => {
        for (let value = 1; value <= call.request.value; value++) call.write({ value });
        call.end();
      },
      sum: (call: ServerReadableStream<Message, Message>, reply: Reply) => {
        let sum = 0;
        call.on('data', ({ value }: Message) => {
          sum += value;
        });
        call.once('end', () => reply(null, { value: sum }));
      },
      failEarly: (call: ServerReadableStream<Message, Message>, reply: Reply) => {
        call.once('data', () => reply({ code: status.INVALID_ARGUMENT, details: 'one is enough' }));
      },
      /** The sum so far, behind each value. */
      running: (call: ServerDuplexStream<Message, Message>) => {
        let sum = 0;
        call.on('data', ({ value }: Message) => {
          sum += value;
          call.write({ value: sum });
        });
        call.once('end', () => call.end());
      },
    });
  }

  start(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
  }

  stop(): void {
    this.#server.forceShutdown();
  }
}
