import { type Rejection, rejection } from '../rejection.ts';

const NOT_A_HOST = rejection(400, 'a Host that is not a name with an optional port');

/** A DNS name has at most 253 characters, a port 5. */
const MAX_HOST = 260;

/** Labels of letters, digits, `-` and `_`; or an IPv6 address in brackets. No final dot, no user, no `%`. */
const HOST = /^((?:[\w-]+\.)*[\w-]+|\[[\da-fA-F:.]+\])(?::(\d{1,5}))?$/;

const MAX_PORT = 65_535;

/** Host without its port and in small letters. RFC 9110 section 7.2, stricter. */
export function hostnameOf(host: string): string | Rejection {
  const [, name, port = '0'] = (host.length <= MAX_HOST && HOST.exec(host)) || [];
  return name === undefined || Number(port) > MAX_PORT ? NOT_A_HOST : name.toLowerCase();
}

/** The same for one client, which asks the same host again and again. */
export class HostMemory {
  #host: string | undefined;
  #hostname: string | Rejection = '';

  hostnameOf(host: string): string | Rejection {
    if (host !== this.#host) this.#hostname = hostnameOf(host);
    this.#host = host;
    return this.#hostname;
  }
}
