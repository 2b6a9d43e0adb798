import type { Store } from '../../controllers/ports/store.ts';
import { describeApply } from './store-apply.ts';
import { describeDelete } from './store-delete.ts';
import { describeList } from './store-list.ts';
import { describePatch } from './store-patch.ts';
import { describeStatus } from './store-status.ts';
import { describeWatch } from './store-watch.ts';

/** What a Store must be, whatever it is made of. A suite says what it needs; a Store says what it has. */
export interface StoreTraits {
  /** Takes owner, uid, finalizers, signature and lastApplied from a writer. */
  bookkeeping: boolean;
  /** Lets this writer change statuses. */
  status: boolean;
  /** Holds Events that this writer may write. */
  events: boolean;
  /** Forgets events soon enough to be waited for. */
  forgetful: boolean;
}

export interface StoreUnderTest {
  store: Store;
  dispose?(): Promise<void>;
}

export interface StoreSuite {
  traits: StoreTraits;
  /** The store of the running test. */
  store(): Store;
}

/** Runs every suite that the Store's traits allow, each test on a Store of its own. */
export function describeStore(
  name: string,
  setup: () => Promise<StoreUnderTest>,
  traits: Partial<StoreTraits> = {},
): void {
  describe(name, () => {
    let subject: StoreUnderTest;
    beforeEach(async () => {
      subject = await setup();
    });
    afterEach(() => subject.dispose?.());
    const suite: StoreSuite = {
      traits: { bookkeeping: true, status: true, events: true, forgetful: false, ...traits },
      store: () => subject.store,
    };
    describeApply(suite);
    describeList(suite);
    describePatch(suite);
    describeDelete(suite);
    describeStatus(suite);
    describeWatch(suite);
  });
}

type Test = (name: string, run: () => Promise<void>, timeout?: number) => void;

/** `it`, or `it.skip` that names the trait a Store lacks. */
export function itWith(suite: StoreSuite, trait: keyof StoreTraits): Test {
  return suite.traits[trait] ? it : (name, run) => it.skip(`${name} (not ${trait})`, run);
}
