import type { Desired } from './desired.ts';
import type { Need } from './missing.ts';
import type { Observed, ObservedContainer } from './observed.ts';
import { availableAt, isAlive, type Roles } from './roles.ts';

/** Something that must happen before the plan can go on. */
export interface Wait {
  /** For a person: `wait for ...`. */
  what: string;
  /** When it will have happened, where that is known, in milliseconds since the epoch. */
  until?: number;
}

interface Situation {
  desired: Desired;
  observed: Observed;
  roles: Roles;
  needs: readonly Need[];
  /** Containers that should go and could not be stopped. */
  blocked: readonly ObservedContainer[];
  /** Something waits for the image. */
  pulling: boolean;
}

export function waitsOf(situation: Situation, now: number): Wait[] {
  const { needs, observed, blocked } = situation;
  const terminating = observed.containers.filter((container) => container.terminating);
  return [
    ...needs
      .filter(({ at }) => at > now)
      .map(({ ordinal, at }) => ({ what: `the back-off of ordinal ${ordinal}`, until: at })),
    ...image(situation),
    ...unavailable(situation, now),
    ...terminating.map(({ name }) => ({ what: `${name} to end` })),
    ...blocked.map(({ name, terminationFailure }) => ({
      what: `another attempt to end ${name}`,
      until: terminationFailure?.retryAt,
    })),
  ];
}

function image({ pulling, observed, desired }: Situation): Wait[] {
  if (!pulling) return [];
  const until = observed.image.state === 'Failed' ? observed.image.retryAt : undefined;
  return [{ what: `image ${desired.container.image}`, until }];
}

/** Outdated ones too: what may go depends on how many of all are available. */
function unavailable({ desired, roles }: Situation, now: number): Wait[] {
  const current = roles.slots.flatMap((slot) => slot.current ?? []);
  return [...current, ...roles.outdated].filter(isAlive).flatMap((container) => {
    const at = availableAt(desired, container);
    if (at <= now || container.terminating) return [];
    return [{ what: `${container.name} to be available`, until: Number.isFinite(at) ? at : undefined }];
  });
}
