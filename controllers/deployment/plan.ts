import type { Container } from '../../api/v1alpha1/container.ts';
import { shortHash } from './container.ts';
import type { Desired } from './desired.ts';
import { type Need, needsOf, runnable } from './missing.ts';
import type { Observed, ObservedContainer } from './observed.ts';
import { pullPolicyOf } from './pull-policy.ts';
import { isAlive, type Roles, rolesOf } from './roles.ts';
import { excess, replaceable, superfluous } from './rollout.ts';
import { type Wait, waitsOf } from './waits.ts';

export interface PullAction {
  type: 'Pull';
  image: string;
  policy: NonNullable<Container['imagePullPolicy']>;
}

export interface RunAction {
  type: 'Run';
  ordinal: number;
  templateHash: string;
  attempt: number;
  backoffLevel: number;
  imageID: string;
  because: string;
}

/** Stop keeps the container for its logs; Remove does not. */
export interface EndAction {
  type: 'Stop' | 'Remove';
  name: string;
  ordinal: number;
  gracePeriodSeconds: number;
  because: string;
}

export type Action = PullAction | RunAction | EndAction;

/** What to do now, and what is waited for. It holds no env values, so it can be printed and logged. */
export interface Plan {
  actions: Action[];
  waits: Wait[];
  /** Something waits for the image. */
  pulling: boolean;
  /** When waiting alone will change the plan, in milliseconds since the epoch. */
  wakeAt?: number;
}

/** The steps that bring what is observed nearer to what is desired; none when it is there. Pure. */
export function planOf(desired: Desired, observed: Observed, now: number): Plan {
  if (desired.frozen) return { actions: [], waits: [], pulling: false };
  const roles = rolesOf(desired, observed.containers);
  const needs = needsOf(observed, roles, now);
  const update = updateOf(desired, observed, roles, needs, now);
  const ends = endsOf(desired, roles, update.replaced, now);
  const blocked = ends.filter(({ container }) => mustWait(container, now)).map(({ container }) => container);
  const waits = waitsOf({ desired, observed, roles, needs, blocked, pulling: update.pulling }, now);
  const moments = waits.flatMap(({ until }) => (until !== undefined && until > now ? [until] : []));
  return {
    actions: [
      ...ends.filter(({ container }) => !blocked.includes(container)).map(({ action }) => action),
      ...update.actions,
    ],
    waits,
    pulling: update.pulling,
    wakeAt: moments.length > 0 ? Math.min(...moments) : undefined,
  };
}

/** One line per step, for a person. */
export function formatPlan({ actions, waits }: Plan): string[] {
  return [...actions.map(formatAction), ...waits.map(({ what }) => `wait for ${what}`)];
}

interface Update {
  actions: (PullAction | RunAction)[];
  replaced: ObservedContainer[];
  /** Something waits for the image. */
  pulling: boolean;
}

/** Whatever needs the new image waits for it: until it is here, the old containers serve. */
function updateOf(
  desired: Desired,
  observed: Observed,
  roles: Roles,
  needs: readonly Need[],
  now: number,
): Update {
  const { image } = observed;
  const runs = runnable(desired, observed, roles, needs, now);
  const replaced = replaceable(desired, roles, now);
  const needsImage = runs.length > 0 || (needs.length > 0 && replaced.length > 0);
  if (!needsImage) return { actions: [], replaced, pulling: false };
  if (image.state === 'Present')
    return { actions: runs.map((need) => run(desired, need, image.imageID)), replaced, pulling: false };
  const due = image.state === 'Unknown' || (image.state === 'Failed' && image.retryAt <= now);
  return { actions: due ? [pull(desired)] : [], replaced: superfluous(desired, roles, now), pulling: true };
}

interface End {
  container: ObservedContainer;
  action: EndAction;
}

/** Everything that goes or is stopped, without what is on its way out already. */
function endsOf(desired: Desired, roles: Roles, replaced: ObservedContainer[], now: number): End[] {
  const removed = excess(desired, roles, replaced, now);
  const unhealthy = roles.slots.flatMap(({ current }) =>
    current && isAlive(current) && current.health.failed && !removed.includes(current) ? [current] : [],
  );
  const grace = desired.gracePeriodSeconds;
  const tooMany = desired.halted ?? 'more run than are wanted';
  const surplus = roles.surplus.toSorted((a, b) => b.ordinal - a.ordinal || b.attempt - a.attempt);
  const ends = [
    ...surplus.map((container) => end('Remove', container, grace, tooMany)),
    ...replaced.map((container) => end('Remove', container, grace, reasonToReplace(desired, container))),
    ...removed.map((container) => end('Remove', container, grace, 'there is no room for it')),
    ...unhealthy.map((container) =>
      end('Stop', container, grace, container.health.message ?? 'it failed a probe'),
    ),
    ...roles.leftovers.map((container) => end('Remove', container, 0, 'it ended and is not needed')),
  ];
  return ends.filter(({ container, action }) => !isUnderWay(container, action));
}

function end(
  type: EndAction['type'],
  container: ObservedContainer,
  gracePeriodSeconds: number,
  because: string,
): End {
  const { name, ordinal } = container;
  return { container, action: { type, name, ordinal, gracePeriodSeconds, because } };
}

/** A shorter grace period overrides a longer one that is running. */
function isUnderWay({ terminating }: ObservedContainer, { gracePeriodSeconds }: EndAction): boolean {
  return terminating !== undefined && terminating.gracePeriodSeconds <= gracePeriodSeconds;
}

function mustWait({ terminationFailure }: ObservedContainer, now: number): boolean {
  return terminationFailure !== undefined && terminationFailure.retryAt > now;
}

function reasonToReplace(desired: Desired, { templateHash, drifted }: ObservedContainer): string {
  if (drifted && templateHash === desired.templateHash) return 'it was changed by hand';
  if (desired.halted !== undefined) return desired.halted;
  return desired.replicas === 0 ? 'none is wanted' : 'it runs an earlier template';
}

function run({ templateHash }: Desired, need: Need, imageID: string): RunAction {
  const { ordinal, attempt, backoffLevel, because } = need;
  return { type: 'Run', ordinal, templateHash, attempt, backoffLevel, imageID, because };
}

function pull({ container }: Desired): PullAction {
  return { type: 'Pull', image: container.image, policy: pullPolicyOf(container) };
}

function formatAction(action: Action): string {
  switch (action.type) {
    case 'Pull':
      return `pull ${action.image} (${action.policy})`;
    case 'Run':
      return `run ordinal ${action.ordinal} of template ${shortHash(action.templateHash)}, attempt ${action.attempt}: ${action.because}`;
    default:
      return `${action.type.toLowerCase()} ${action.name} within ${action.gracePeriodSeconds} s: ${action.because}`;
  }
}
