import { ClientStream } from '../../agents/adapters/rpc/client-stream.ts';
import type { ResponseBody } from '../../api/protocol/messages.ts';
import { STORE_PROTOCOL } from '../../api/protocol/protocols.ts';
import type { Channel } from '../../controllers/ports/transport.ts';
import type { Sender } from './rpc-forge.ts';
import type { Peers } from './rpc-peers.ts';

/** What becomes of a message. */
export type Outcome = ResponseBody | 'dropped';

/** A stream of the store protocol whose requests a test makes by hand. */
export interface RawStream {
  channel: Channel;
  send(bytes: Uint8Array): Promise<void>;
  answer(): Promise<Outcome>;
}

export async function openStream({ developer, provider, clock }: Peers): Promise<RawStream> {
  const { signal } = new AbortController();
  const channel = await developer.transport.open(provider.identity.peerID, STORE_PROTOCOL, signal);
  const stream = new ClientStream({ channel, identity: developer.identity, clock });
  const answer = async (): Promise<Outcome> => {
    try {
      return (await stream.receive()).body;
    } catch {
      return 'dropped'; // A stream that ends without an answer is what such tests ask about.
    }
  };
  return { channel, answer, send: (bytes) => channel.write(bytes) };
}

/** What becomes of one message on a stream of its own. */
export async function outcomeOf(peers: Peers, bytes: Uint8Array): Promise<Outcome> {
  const stream = await openStream(peers);
  await stream.send(bytes);
  const answer = await stream.answer();
  stream.channel.abort(new Error('one message was enough'));
  return answer;
}

/** The cause of a refusal. */
export function causeOf(outcome: Outcome): string | undefined {
  return outcome !== 'dropped' && outcome.type === 'error' ? outcome.error.details.cause : undefined;
}

/** The developer, as it signs what it sends to the provider. */
export function developerOf({ developer, provider, clock }: Peers): Sender {
  return { identity: developer.identity, audience: provider.identity.peerID, now: clock.now() };
}

/** The provider, as it signs its answers. */
export function providerOf({ developer, provider, clock }: Peers): Sender {
  return { identity: provider.identity, audience: developer.identity.peerID, now: clock.now() };
}
