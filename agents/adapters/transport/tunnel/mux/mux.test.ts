import { describeTunnel } from '../../../../../test/compliance/tunnel.ts';
import { memoryPipes } from '../../../../../test/support/tunnel-pipe.ts';
import { systemClock as clock } from '../../../system/clock.ts';
import { Mux } from './mux.ts';

describeTunnel('memory', async ({ onStream, limits }) => {
  const [near, far] = memoryPipes();
  const opener = new Mux({ pipe: near, clock }, { peerID: 'provider', limits });
  const answerer = new Mux({ pipe: far, clock }, { peerID: 'gateway', onStream, limits });
  for (const mux of [opener, answerer]) mux.start();
  return { opener, answerer, cut: () => near.destroy() };
});
