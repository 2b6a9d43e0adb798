import { randomUUID } from 'node:crypto';
import { describeTransport } from '../../../../test/compliance/transport.ts';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import { MemoryNetwork } from './network.ts';
import { MemoryTransport } from './transport.ts';

const clock = new FakeClock();
const network = new MemoryNetwork({ clock });

describeTransport(
  'memory',
  ({ listen }) => new MemoryTransport({ network, clock }, { peerID: randomUUID(), listen }),
);
