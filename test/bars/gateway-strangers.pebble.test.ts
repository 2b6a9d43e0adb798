import { generateIdentity } from '../../agents/adapters/identity/identity.ts';
import { eventually } from '../support/eventually.ts';
import { newProvider } from '../support/gateway-provider.ts';
import { Dawdlers, guessNames } from '../support/gateway-strangers.ts';
import { visit } from '../support/gateway-visitor.ts';
import { GatewayWorld } from '../support/gateway-world.ts';
import { AcmeWorld, DOMAIN } from '../support/pebble-world.ts';

/** G7: what strangers do costs the gateway no certificate, and its visitors hardly any time. */

const SCALE = Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);
const NAMES = Math.min(10_000, 1_000 * SCALE);
const DAWDLERS = Math.min(1_000, 100 * SCALE);
/** Handshakes under way. */
const AT_ONCE = 20;
const VISITS = 40;
/** In one process with the strangers even a gateway that ignores them is slower than this now and then. */
const FLOOR_MS = 50;
/** A head must be there within 10 s. */
const CUT_OFF = { timeoutMs: 20_000, intervalMs: 50 };
/** A domain of others; as long as ours. */
const ELSEWHERE = 'another.example.org';
/** A fatal alert, `unrecognized_name`, and nothing else. */
const UNKNOWN_NAME = '15030300020270';

const HOST = `web-bob.${DOMAIN}`;

let acme: AcmeWorld;
let world: GatewayWorld;

beforeEach(async () => {
  acme = await AcmeWorld.start();
  const certificates = await acme.gateway([]);
  world = new GatewayWorld({ domain: DOMAIN, certificates });
  await world.start();
  const bob = generateIdentity();
  await world.trust('bob', bob);
  const alice = await newProvider(world, 'alice');
  expect(await world.until(await alice.expose(bob, 'web'), 'Ready')).toBe(HOST);
}, 60_000);

afterEach(async () => {
  await world.stop();
  await acme.dispose();
});

/** How long a visit takes, in the middle of many, each over a connection of its own, in milliseconds. */
async function typicalVisit(): Promise<number> {
  const took: number[] = [];
  for (let count = 0; count < VISITS; count++) {
    const begun = performance.now();
    expect(await visit(world, HOST)).toEqual([200, 'alice']);
    took.push(performance.now() - begun);
  }
  return took.toSorted((a, b) => a - b)[VISITS / 2] ?? 0;
}

/** Visitors are there while `strangers` do what they do. */
async function expectHardlySlower<T>(strangers: () => Promise<T>): Promise<T> {
  const alone = await typicalVisit();
  const busy = strangers();
  const beside = await typicalVisit();
  expect(beside).toBeLessThan(Math.max(FLOOR_MS, 2 * alone));
  return busy;
}

test(
  `G7: ${NAMES} guessed names are not ordered, and slow nobody down`,
  async () => {
    const guesses = Array.from({ length: NAMES }, (_, index) => {
      const guess = `guess-${String(index).padStart(5, '0')}`;
      return `${guess}.${index % 2 === 0 ? DOMAIN : ELSEWHERE}`;
    });
    const answers = await expectHardlySlower(() => guessNames(world.port, guesses, AT_ONCE));
    expect(answers).toEqual(new Map([[UNKNOWN_NAME, NAMES]]));
    expect([acme.pebble.orders, acme.pebble.certificates]).toEqual([1, 1]);
  },
  60_000 + 20 * NAMES,
);

test(`G7: ${2 * DAWDLERS} clients that never finish a handshake or a head keep no place, and slow nobody down`, async () => {
  const dawdlers = new Dawdlers();
  await expectHardlySlower(() => dawdlers.come(DAWDLERS, HOST, world.port));
  expect(await typicalVisit()).toBeLessThan(FLOOR_MS);
  await eventually(() => expect(dawdlers.cutOff).toBe(2 * DAWDLERS), CUT_OFF);
  await eventually(() => expect(world.ingress.counters.connections).toBe(0));
  dawdlers.leave();
  expect(await visit(world, HOST)).toEqual([200, 'alice']);
}, 90_000);
