import { isIP } from 'node:net';
import { Field } from './head/fields.ts';
import type { HeadLines } from './head/lines.ts';
import type { RequestHead } from './request-head.ts';

/** Who is at the other end of a client's connection. */
export interface ClientAddress {
  /** IP address, as Node writes it. */
  address: string;
  protocol: 'http' | 'https';
  /** A proxy of ours stands there: what it says of its own client is believed and handed on. */
  trusted: boolean;
}

/** What a proxy says of its client may be long, not endless; names only where one is expected. */
const PROTOCOL = /^https?$/;
const HOST = /^[\w.:[\]-]{1,260}$/;

/**
 * Says to the container who asked, in X-Forwarded-* and Forwarded (RFC 7239). What the client itself claimed is
 * replaced, unless it is a trusted proxy.
 */
export class Forwarding {
  readonly #client: ClientAddress;
  #host: string | undefined;
  #lines = '';

  constructor(client: ClientAddress) {
    this.#client = { ...client, address: plain(client.address) };
  }

  /** Complete header lines. */
  lines(head: RequestHead): string {
    if (this.#client.trusted) return this.#claimed(head);
    // A client asks the same host again and again.
    if (this.#host !== head.host) {
      this.#host = head.host;
      this.#lines = this.#own(head.host);
    }
    return this.#lines;
  }

  #own(host: string): string {
    const { address, protocol } = this.#client;
    return format({ chain: address, protocol, host, forwarded: this.#element(host) });
  }

  #claimed({ lines, host }: RequestHead): string {
    const { address, protocol } = this.#client;
    const believed = (field: Field, pattern: RegExp) => {
      const claim = lines.valueOf(field);
      return claim !== undefined && pattern.test(claim) ? claim : undefined;
    };
    return format({
      chain: list(lines.valueOf(Field.xForwardedFor), address),
      protocol: believed(Field.xForwardedProto, PROTOCOL) ?? protocol,
      host: believed(Field.xForwardedHost, HOST) ?? host,
      forwarded: list(lines.valueOf(Field.forwarded), this.#element(host)),
    });
  }

  #element(host: string): string {
    const { address, protocol } = this.#client;
    const node = address.includes(':') ? `"[${address}]"` : address;
    return `for=${node};host="${host}";proto=${protocol}`;
  }
}

/** Who asks: the other end of the connection or, where that is a proxy of ours, whom it names last. */
export function clientAddress({ address, trusted }: ClientAddress, lines: HeadLines): string {
  const last = trusted ? lines.valueOf(Field.xForwardedFor)?.split(',').at(-1)?.trim() : undefined;
  return last !== undefined && isIP(last) ? last : plain(address);
}

interface Values {
  chain: string;
  protocol: string;
  host: string;
  forwarded: string;
}

function format({ chain, protocol, host, forwarded }: Values): string {
  return (
    `X-Forwarded-For: ${chain}\r\nX-Forwarded-Proto: ${protocol}\r\n` +
    `X-Forwarded-Host: ${host}\r\nForwarded: ${forwarded}\r\n`
  );
}

function list(claimed: string | undefined, own: string): string {
  return claimed ? `${claimed}, ${own}` : own;
}

/** A socket that listens on IPv6 writes IPv4 addresses as `::ffff:192.0.2.1`. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}
