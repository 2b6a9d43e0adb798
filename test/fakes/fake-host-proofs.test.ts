import { describeHostProofs } from '../compliance/host-proofs.ts';
import { FakeHostProofs } from './fake-host-proofs.ts';

describeHostProofs('fake', async () => {
  const proofs = new FakeHostProofs();
  return {
    proofs,
    publish: (name, values) => proofs.publish(name, values),
    fail: (fails) => {
      proofs.fails = fails;
    },
    forget: async () => {},
    end: async () => {},
  };
});
