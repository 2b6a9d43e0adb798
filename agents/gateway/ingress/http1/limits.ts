/** Bytes of a head, from its first line to its last. Node, nginx and browsers stay far below. */
export const MAX_HEAD_BYTES = 16 * 1024;

/** Header lines of a head. A browser behind three proxies sends about 30. */
export const MAX_HEADERS = 100;

/** Bytes of a request target. */
export const MAX_TARGET_BYTES = 8 * 1024;

/** Interim responses (100, 103) before the final one; a container could send them for ever. */
export const MAX_INTERIM_RESPONSES = 16;

/** What a client may still send after its last answer, before it is cut off. */
export const MAX_LINGER_BYTES = 1024 * 1024;

/** Bytes of a body that are copied behind their head, so that both leave in one write. Beyond, two writes cost less. */
export const MAX_COPIED_BYTES = 8 * 1024;

/** How long each state of a connection may last without progress, in milliseconds. */
export interface TimeLimits {
  /** From the first byte of a request to the end of its head; also how long a new connection may stay silent. */
  head: number;
  /** Between two requests. */
  idle: number;
  /** Between two parts of a request body. */
  requestBody: number;
  /** To find and open the upstream. */
  open: number;
  /** From the end of the request to the head of its response. */
  responseHead: number;
  /** Between two parts of a response body: server-sent events may be rare. */
  responseBody: number;
  /** Without a byte in either direction, after an upgrade. */
  upgraded: number;
  /** Until a client takes any of the bytes that wait for it. */
  stalled: number;
  /** Between two parts of a response, for a client that has closed its sending half: most that do so are gone. */
  halfClosed: number;
  /** For a client to close after its last answer. */
  linger: number;
}

const SECOND = 1000;
const HOUR = 3600 * SECOND;

export const TIME_LIMITS: TimeLimits = {
  head: 10 * SECOND,
  idle: 60 * SECOND,
  requestBody: 60 * SECOND,
  open: 10 * SECOND,
  responseHead: 60 * SECOND,
  responseBody: HOUR,
  upgraded: HOUR,
  stalled: 60 * SECOND,
  halfClosed: 5 * SECOND,
  linger: 5 * SECOND,
};
