import { describeTransport } from '../../../../test/compliance/transport.ts';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import { silentLogger as logger } from '../../../../test/support/silent.ts';
import { generateIdentity } from '../../identity/identity.ts';
import { Libp2pTransport } from './transport.ts';

const clock = new FakeClock();

describeTransport('libp2p', ({ listen }) => {
  const init = { listen: listen ? ['/ip4/127.0.0.1/tcp/0'] : [] };
  return new Libp2pTransport({ identity: generateIdentity(), clock, logger }, init);
});
