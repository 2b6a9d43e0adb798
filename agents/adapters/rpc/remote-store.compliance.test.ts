import { describeStore } from '../../../test/compliance/store.ts';
import { startPeers } from '../../../test/support/rpc-peers.ts';
import { signingStore } from '../../../test/support/rpc-signing-store.ts';

describeStore(
  'RemoteStore',
  async () => {
    const { remote, stop } = await startPeers();
    return { store: signingStore(remote), dispose: async () => stop() };
  },
  // A peer is shown no bookkeeping, writes no status and no events.
  { bookkeeping: false, status: false, events: false },
);
