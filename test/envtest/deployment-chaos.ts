import type { MergePatch } from '../../api/meta/merge-patch.ts';
import { type RuntimeContainer, RuntimeError } from '../../controllers/ports/runtime.ts';
import type { Call, Delivery, Fault } from '../fakes/fake-runtime-faults.ts';
import type { Behaviour } from '../fakes/fake-runtime-process.ts';
import { ALICE, BOB } from '../support/objects.ts';
import { Dice } from './deployment-dice.ts';
import { IMAGE, World } from './deployment-world.ts';

/** The same uid for both owners: whoever made it up may have made it up on purpose. */
const UID = '7f3c9a2e-0000-4000-8000-000000000000';

const TARGETS = [
  { name: 'web', owner: ALICE },
  { name: 'web', owner: BOB },
  { name: 'db', owner: ALICE },
] as const;

type Target = (typeof TARGETS)[number];

interface Wanted {
  replicas: number;
  surge: number;
  /** Tells the templates apart. */
  version: number;
}

/** One that is asked for each time: it has no tag. */
const PULLED = 'registry.local/pulled';

const STEPS = 15;

/** No list is older than this, in milliseconds. */
const STALE_MS = 2_000;

/** A run that began under an earlier spec may end so long after it was changed, in milliseconds. */
const IN_FLIGHT_MS = 5_000;

/** One schedule of everything that can go wrong, made of one number. */
export class Chaos {
  readonly world: World;
  /** Everything that changed, in order: two runs of one seed have the same. */
  readonly trace: string[] = [];
  readonly violations: string[] = [];
  readonly #dice: Dice;
  readonly #wanted = new Map<Target, Wanted | undefined>();
  /** What was allowed to live until when, by owner and name. */
  readonly #allowed = new Map<string, { count: number; until: number }[]>();
  #changes = 0;
  #changesAtStart = 0;
  /** Either lists are late, or a call that failed has done its work: with both nobody could know what there is. */
  readonly #staleLists: boolean;
  #calm = false;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
    this.#staleLists = this.#dice.chance(0.5);
    this.world = new World({
      script: ({ attempt }) => this.#behaviour(attempt),
      faults: { call: (call) => this.#fault(call), event: () => this.#delivery() },
    });
    this.world.runtime.images.offer(PULLED, { pullMs: 2_000 });
    this.world.runtime.onChange((containers) => this.#watch(containers));
  }

  /** Runs the schedule, then lets everything work and settle. */
  async run(): Promise<void> {
    await this.#start();
    for (let step = 0; step < STEPS; step++) {
      await this.#step();
      // No two things happen within one millisecond: nobody could tell their order.
      await this.world.clock.advance(1 + this.#dice.below(this.#dice.below(5) === 0 ? 40_000 : 3_000));
    }
    this.#calm = true;
    await this.world.crash();
    await this.#start();
    // What the agent that crashed had begun, and events that are late, come to their end.
    await this.world.clock.advance(15_000);
    await this.world.until(() => this.complaints().then(({ length }) => length === 0), 3_600_000);
  }

  /** What is not as it was asked for. */
  async complaints(): Promise<string[]> {
    const all = await Promise.all(TARGETS.map((target) => this.#complain(target)));
    return all.flat();
  }

  async #complain(target: Target): Promise<string[]> {
    const wanted = this.#wanted.get(target);
    const { name, owner } = target;
    const ours = this.world.runtime.containers.filter(
      (other) => other.owner === owner && other.deployment === name,
    );
    const alive = ours.filter(({ state }) => state === 'Running').map(({ ordinal }) => ordinal);
    const expected = Array.from({ length: wanted?.replicas ?? 0 }, (_, ordinal) => ordinal);
    const who = `${owner.slice(-4)}/${name}`;
    const object = await this.world.get(name, owner);
    const complaints = [];
    if (String(alive.sort()) !== String(expected))
      complaints.push(`${who}: ${alive} live instead of ${expected}`);
    if (
      new Set(ours.filter(({ state }) => state === 'Running').map(({ templateHash }) => templateHash)).size >
      1
    )
      complaints.push(`${who}: two templates live`);
    if (!wanted && (object || ours.length > 0)) complaints.push(`${who}: was deleted and is still there`);
    if (wanted && object?.status?.observedGeneration !== object?.metadata.generation)
      complaints.push(`${who}: not observed`);
    const ready = object?.status?.conditions?.find(({ type }) => type === 'Ready')?.reason;
    if (wanted && ready !== 'Ready' && ready !== 'Stopped') complaints.push(`${who}: ${ready}`);
    return complaints;
  }

  async #start(): Promise<void> {
    this.#changesAtStart = this.#changes;
    await this.world.start();
  }

  async #step(): Promise<void> {
    const target = TARGETS[this.#dice.below(TARGETS.length)] as Target;
    const dice = this.#dice.below(10);
    if (dice < 4) await this.#edit(target);
    else if (dice === 4) await this.#delete(target);
    else if (dice < 7) {
      await this.world.crash();
      await this.#start();
    } else this.#byHand(dice);
  }

  async #edit(target: Target): Promise<void> {
    const object = await this.world.get(target.name, target.owner);
    if (object?.metadata.deletionTimestamp) return;
    const replicas = this.#dice.below(4);
    const version = this.#dice.below(3);
    const image = version === 2 ? PULLED : IMAGE;
    const stopped = this.#dice.chance(0.1);
    const recreate = this.#dice.chance(0.2);
    const [maxSurge, maxUnavailable] = [
      [1, 0],
      [0, 1],
      [2, 1],
    ][this.#dice.below(3)] as [number, number];
    const spec: MergePatch = {
      replicas,
      state: stopped ? 'Stopped' : 'Running',
      strategy: recreate
        ? { type: 'Recreate' }
        : { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
      template: {
        spec: {
          containers: [
            {
              name: 'main',
              image,
              args: [String(version)],
              readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 3 },
            },
          ],
        },
      },
    };
    const wanted = { replicas: stopped ? 0 : replicas, surge: recreate ? 0 : maxSurge, version };
    this.#allow(target, wanted);
    this.#wanted.set(target, wanted);
    await this.world.apply(target.name, spec, { owner: target.owner, uid: UID });
  }

  async #delete(target: Target): Promise<void> {
    this.#allow(target, undefined);
    this.#wanted.set(target, undefined);
    await this.world.delete(target.name, this.#dice.below(2) * 10, target.owner);
  }

  /** What a person does with docker. */
  #byHand(dice: number): void {
    const { containers } = this.world.runtime;
    const victim = containers[this.#dice.below(Math.max(1, containers.length))];
    if (!victim) return;
    if (dice === 7) this.world.runtime.find(victim.name).exit(137);
    if (dice === 8) this.world.runtime.vanish(victim.name);
    if (dice === 9 && victim.state === 'Running')
      this.world.runtime.find(victim.name).update({ drifted: true });
  }

  #behaviour(attempt: number): Behaviour {
    if (this.#calm) return {};
    const readyAfter = this.#dice.below(3) * 1_000;
    const behaviour: Behaviour = {
      startMs: this.#dice.below(3) * 500,
      stopMs: this.#dice.below(3) * 4_000,
      probe: (_, ageMs) => ({ success: ageMs >= readyAfter, message: 'not yet' }),
    };
    return attempt < 3 && this.#dice.chance(0.1)
      ? { ...behaviour, exitAfterMs: this.#dice.below(3_000) }
      : behaviour;
  }

  #fault(call: Call): Fault | undefined {
    if (this.#calm) return undefined;
    if (call === 'list' && this.#staleLists && this.#dice.chance(0.3))
      return {
        type: 'Stale',
        changes: Math.min(this.#dice.below(6), this.#changes - this.#changesAtStart),
        withinMs: STALE_MS,
      };
    if (!this.#dice.chance(0.08)) return undefined;
    const reason = this.#dice.chance(0.5) ? 'RuntimeUnavailable' : 'Error';
    const error = new RuntimeError(reason, `${call} was made to fail`);
    if (!this.#staleLists && this.#dice.chance(0.3)) return { type: 'FailAfter', error };
    return this.#dice.chance(0.1) && call !== 'probe' ? { type: 'Hang' } : { type: 'Fail', error };
  }

  #delivery(): Delivery {
    if (this.#dice.chance(0.2)) return 'Lost';
    return { times: 1 + this.#dice.below(2), delayMs: this.#dice.chance(0.3) ? this.#dice.below(10_000) : 0 };
  }

  #allow({ name, owner }: Target, wanted: Wanted | undefined): void {
    const now = this.world.clock.now();
    const key = `${owner}/${name}`;
    const earlier = (this.#allowed.get(key) ?? []).map(({ count, until }) => ({
      count,
      until: Math.min(until, now + IN_FLIGHT_MS),
    }));
    const count = wanted ? wanted.replicas + wanted.surge : 0;
    this.#allowed.set(key, [...earlier, { count, until: Number.POSITIVE_INFINITY }]);
  }

  /** Nothing may begin where enough lives already. */
  #watch(containers: readonly RuntimeContainer[]): void {
    const now = this.world.clock.now();
    this.#changes += 1;
    const lines = containers.map(({ name, state }) => `${name} ${state}`);
    this.trace.push(`${now}: ${lines}`);
    const begun = containers.filter(({ state, startedAt }) => state === 'Running' && startedAt === now);
    for (const { owner, deployment, uid } of begun) {
      const alive = containers.filter(
        (other) =>
          other.state === 'Running' &&
          other.owner === owner &&
          other.deployment === deployment &&
          other.uid === uid,
      );
      const allowed = (this.#allowed.get(`${owner}/${deployment}`) ?? []).filter(({ until }) => until >= now);
      const most = Math.max(0, ...allowed.map(({ count }) => count));
      if (alive.length > most)
        this.violations.push(`${now}: ${alive.length} of ${deployment} live where ${most} may: ${lines}`);
    }
  }
}
