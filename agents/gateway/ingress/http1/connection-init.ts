import type { Duplex } from 'node:stream';
import type { ClientAddress } from './forwarded.ts';
import type { LedgerComponents } from './ledger.ts';
import type { RelayInit } from './relay.ts';
import type { Route } from './upstream.ts';

export interface ConnectionComponents extends LedgerComponents {
  /** Bytes of the client, after TLS. With `allowHalfOpen`, so that who closes its sending half is still answered. */
  client: Duplex;
  route: Route;
}

export interface ConnectionInit extends RelayInit {
  /** Who the client is. */
  remote: ClientAddress;
}
