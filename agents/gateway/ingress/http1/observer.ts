/** One line of the access log. */
export interface AccessRecord {
  /** Empty when the request could not be read. */
  method: string;
  host: string;
  /** Without its query, which may hold secrets. */
  path: string;
  /** 0 when the client got no answer. */
  status: number;
  /** Bytes of the request and of the response, heads included. */
  bytesIn: number;
  bytesOut: number;
  milliseconds: number;
  requestID: string;
  upstream?: string;
  /** What went wrong, for the operator; absent when nothing did. */
  reason?: string;
}

/** What connections count together. All but `connections` and `active` only grow. */
export interface Counters {
  /** Client connections open now, as they were accepted. */
  connections: number;
  /** Requests and upgraded connections under way now. */
  active: number;
  requests: number;
  /** Requests that were sent to a container. */
  forwarded: number;
  /** Requests that broke the rules of HTTP. */
  rejected: number;
  upgrades: number;
  /** Connections to containers that were opened. */
  opened: number;
  /** Requests sent again since an idle upstream connection had just closed. */
  retries: number;
  /** Times a container sent bytes that nobody had asked for. */
  desyncs: number;
  timeouts: number;
  bytesIn: number;
  bytesOut: number;
}

/** Of these, how many there are now; the others only grow. */
export const GAUGES: readonly (keyof Counters)[] = ['connections', 'active'];

export function newCounters(): Counters {
  return {
    connections: 0,
    active: 0,
    requests: 0,
    forwarded: 0,
    rejected: 0,
    upgrades: 0,
    opened: 0,
    retries: 0,
    desyncs: 0,
    timeouts: 0,
    bytesIn: 0,
    bytesOut: 0,
  };
}
