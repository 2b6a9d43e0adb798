/** What a TLS client says before anything is encrypted. */
export interface ClientHello {
  serverName: string | undefined;
  /** Application protocols that it offers. */
  protocols: readonly string[];
}

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const ALPN = 16;

/** A ClientHello with post-quantum keys has about 2 KiB; who needs more than a whole record is up to something. */
const MAX_CLIENT_HELLO_BYTES = 5 + 16 * 1024;

/**
 * Reads the beginning of a TLS connection (RFC 8446, sections 4.1.2 and 5.1). 'more' while it is not all there,
 * undefined for what is no ClientHello.
 */
export function readClientHello(bytes: Buffer): ClientHello | 'more' | undefined {
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE_RECORD) return undefined;
  if (bytes.length < 5) return 'more';
  const end = 5 + bytes.readUInt16BE(3);
  if (end > MAX_CLIENT_HELLO_BYTES) return undefined;
  if (bytes.length < end) return 'more';
  try {
    return parse(new Cursor(bytes.subarray(5, end)));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function parse(record: Cursor): ClientHello | undefined {
  if (record.number(1) !== CLIENT_HELLO) return undefined;
  const hello = record.vector(3);
  hello.skip(2 + 32); // Version and random bytes.
  hello.vector(1); // Session.
  hello.vector(2); // Cipher suites.
  hello.vector(1); // Compression.
  const found: { serverName: string | undefined; protocols: string[] } = {
    serverName: undefined,
    protocols: [],
  };
  for (const extensions = hello.vector(2); !extensions.isEmpty; ) {
    const type = extensions.number(2);
    const extension = extensions.vector(2);
    if (type === SERVER_NAME) found.serverName = serverName(extension);
    if (type === ALPN) found.protocols = protocols(extension);
  }
  return found;
}

/** RFC 6066: a list of names, of which only one is a host name. */
function serverName(extension: Cursor): string | undefined {
  const names = extension.vector(2);
  const isHostName = names.number(1) === 0;
  const name = names.vector(2).text();
  return isHostName ? name.toLowerCase() : undefined;
}

function protocols(extension: Cursor): string[] {
  const offered: string[] = [];
  for (const list = extension.vector(2); !list.isEmpty; ) offered.push(list.vector(1).text());
  return offered;
}

/** Reads numbers and length-prefixed vectors. @throws RangeError where the bytes end too soon. */
class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isEmpty(): boolean {
    return this.#at === this.#bytes.length;
  }

  number(size: number): number {
    const value = this.#bytes.readUIntBE(this.#at, size);
    this.#at += size;
    return value;
  }

  skip(size: number): void {
    if (this.#at + size > this.#bytes.length) throw new RangeError('it ends too soon');
    this.#at += size;
  }

  /** What follows its own length, which has `size` bytes. */
  vector(size: number): Cursor {
    const length = this.number(size);
    const start = this.#at;
    this.skip(length);
    return new Cursor(this.#bytes.subarray(start, start + length));
  }

  text(): string {
    return this.#bytes.toString('latin1');
  }
}
