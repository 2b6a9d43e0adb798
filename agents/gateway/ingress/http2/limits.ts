import type { ClientSessionOptions, ServerSessionOptions, Settings } from 'node:http2';
import { MAX_HEAD_BYTES } from '../http1/limits.ts';

const KiB = 1024;

/** Streams of one visitor that are under way at once; each may cost a connection to the container. */
const MAX_STREAMS = 100;

/** What may come on one stream before it is read, at either end: 5 MB/s at a round trip of 50 ms. */
const STREAM_WINDOW_BYTES = 256 * KiB;

/** The same for all streams of a connection. Node reads on for the others while one waits, so this bounds no memory. */
export const CONNECTION_WINDOW_BYTES = 1024 * KiB;

/**
 * Headers of one block. RFC 9113 counts 32 bytes more for each, and browsers send a header for each cookie: who is
 * within this and beyond MAX_HEAD_BYTES gets a 431 that can be read, others a reset.
 */
const MAX_HEADER_LIST_BYTES = 2 * MAX_HEAD_BYTES;
const MAX_HEADER_PAIRS = 256;

/** Frames that break the rules, before the connection ends. Node would bear with 1000. */
const MAX_INVALID_FRAMES = 100;

/** Extended CONNECT (RFC 8441) stays off: browsers then open a connection of HTTP/1.1 for each WebSocket. */
const SETTINGS: Settings = {
  enablePush: false,
  initialWindowSize: STREAM_WINDOW_BYTES,
  maxHeaderListSize: MAX_HEADER_LIST_BYTES,
};

const BOTH = {
  maxHeaderListPairs: MAX_HEADER_PAIRS,
  maxSessionInvalidFrames: MAX_INVALID_FRAMES,
};

/** What a visitor may do that costs us and brings nothing: so much at once, and so much each second. */
export const FLOOD = { burst: 1000, perSecond: 100 };

/** What a stream counts that its visitor gave up, beside a PING or SETTINGS, which counts one. */
export const ABANDONED_STREAM_COST = 5;

/** Node's own bounds of CONTINUATION, of resets, and of acknowledgements that nobody reads, stay as they are. */
export const SERVER_OPTIONS: ServerSessionOptions = {
  ...BOTH,
  settings: { ...SETTINGS, maxConcurrentStreams: MAX_STREAMS },
};

export const CLIENT_OPTIONS: ClientSessionOptions = { ...BOTH, settings: SETTINGS };
