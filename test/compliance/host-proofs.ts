import type { HostProofs } from '../../controllers/ports/host-proofs.ts';
import { ALICE, BOB } from '../support/objects.ts';

/** The DNS of one implementation. */
export interface ProofWorld {
  proofs: HostProofs;
  /** Makes these the TXT records of a name; each has at most 20,000 characters of ISO 8859-1. */
  publish(name: string, values: readonly string[]): void;
  /** From now on it answers nothing of use, or as before. */
  fail(fails: boolean): void;
  /** Lets what is remembered be forgotten. */
  forget(): Promise<void>;
  end(): Promise<void>;
}

const HOST = 'shop.example.org';
const NAME = '_peercompute.shop.example.org';
const VALUE = `peercompute=${BOB}`;

/** What stands in a zone that somebody has filled in order to do harm, or by mistake. */
const USELESS: [what: string, values: readonly string[]][] = [
  ['that of another peer', [`peercompute=${ALICE}`]],
  ['one that says more', [`${VALUE} ${ALICE}`, `x${VALUE}`, `${VALUE}\0`]],
  ['one in other letters', [VALUE.toLowerCase(), VALUE.toUpperCase()]],
  ['an empty one', ['']],
  ['bytes that are no text', ['\0\x01\x1b[2J\r\n\xff\xfe', '\u00e9\u00e8 peercompute']],
  ['a very long one', ['peercompute='.padEnd(20_000, 'A')]],
  ['very many', Array.from({ length: 500 }, (_, index) => `peercompute=${index}`)],
];

/** The contract of HostProofs. */
export function describeHostProofs(name: string, setup: () => Promise<ProofWorld>): void {
  describe(`host proofs: ${name}`, () => {
    let world: ProofWorld;
    const { signal } = new AbortController();
    const objection = () => world.proofs.verify(HOST, BOB, signal);

    beforeEach(async () => {
      world = await setup();
    });

    afterEach(() => world.end());

    it('says which record to make when there is none', async () => {
      const said = await objection();
      expect(said).toContain(NAME);
      expect(said).toContain(`"${VALUE}"`);
    });

    it('takes the record that gives the host to the peer', async () => {
      world.publish(NAME, [VALUE]);
      expect(await objection()).toBeUndefined();
    });

    it('takes it among others', async () => {
      world.publish(NAME, ['v=spf1 -all', ...Array.from({ length: 100 }, String), VALUE]);
      expect(await objection()).toBeUndefined();
    });

    it('does not take it at another name', async () => {
      for (const other of [HOST, '_peercompute.example.org', `_peercompute.www.${HOST}`])
        world.publish(other, [VALUE]);
      expect(await objection()).toContain(NAME);
    });

    it.each(USELESS)('takes %s for no proof, and repeats nothing of it', async (_, values) => {
      world.publish(NAME, values);
      const said = await objection();
      expect(said).toContain(`"${VALUE}"`);
      expect(said!.length).toBeLessThan(400);
      expect(said).not.toContain(ALICE);
      expect(said).toMatch(/^[\x20-\x7e]*$/);
    });

    it('sees a record that was made in the meantime', async () => {
      await objection();
      world.publish(NAME, [VALUE]);
      await world.forget();
      expect(await objection()).toBeUndefined();
    });

    it('proves nothing while the DNS does not answer, which is no error', async () => {
      world.publish(NAME, [VALUE]);
      world.fail(true);
      expect(await objection()).toContain(`"${VALUE}"`);
      world.fail(false);
      await world.forget();
      expect(await objection()).toBeUndefined();
    });

    it('has no answer for a host whose record would have too long a name', async () => {
      const long = `${'a'.repeat(60)}.`.repeat(4).concat('example');
      expect(await world.proofs.verify(long, BOB, signal)).toContain(`_peercompute.${long}`);
    });

    it('gives up with who asks', async () => {
      const reason = new Error('enough');
      await expect(world.proofs.verify(HOST, BOB, AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });
}
