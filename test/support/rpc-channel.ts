import { channelPair } from '../../agents/adapters/transport/memory/channel.ts';
import type { Channel } from '../../controllers/ports/transport.ts';
import { ALICE, BOB } from './objects.ts';

/** The two ends of a channel between Alice and Bob. */
export function channelBetween(): [alice: Channel, bob: Channel] {
  return channelPair(ALICE, BOB, (change) => change());
}
