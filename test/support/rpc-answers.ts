import { REQUESTS } from '../../agents/adapters/rpc/message.ts';
import { SignedReader } from '../../agents/adapters/rpc/signed-reader.ts';
import { RESPONSE_DOMAIN, STORE_PROTOCOL } from '../../api/protocol/protocols.ts';
import type { Channel } from '../../controllers/ports/transport.ts';
import { type Forgery, forge } from './rpc-forge.ts';
import type { Peers } from './rpc-peers.ts';
import { providerOf } from './rpc-stream.ts';

/** Makes the bytes that answer a request: its nonce, and its place on the stream. */
export type Make = (re: string, position: number) => Promise<Uint8Array | undefined>;

/** Makes the provider answer each request by these bytes; nothing where there are none. */
export function answerWith({ provider, clock }: Peers, make: Make): void {
  provider.transport.handle(STORE_PROTOCOL, async (channel: Channel) => {
    const requests = new SignedReader({ channel, clock }, REQUESTS);
    for (let request = await requests.receive(); request; request = await requests.receive()) {
      const bytes = await make(request.claims.nonce, request.position);
      if (bytes) await channel.write(bytes);
    }
  });
}

/** An answer as the provider would sign it, unless told otherwise. */
export async function answer(
  peers: Peers,
  re: string,
  seq: number,
  { claims, ...rest }: Forgery = {},
): Promise<Uint8Array> {
  const body = { type: 'object' };
  return forge(providerOf(peers), { domain: RESPONSE_DOMAIN, body, ...rest, claims: { re, seq, ...claims } });
}
