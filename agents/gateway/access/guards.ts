import { deepEqual } from '../../../api/meta/merge-patch.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { HostRoute } from '../../../controllers/ports/router.ts';
import { Guard } from './guard.ts';
import { PasswordCheck } from './password-check.ts';

/** The guard of each host name that has access rules. */
export class Guards {
  readonly #components: { clock: Clock; passwords: PasswordCheck };
  #byHost = new Map<string, Guard>();

  constructor({ clock }: { clock: Clock }) {
    this.#components = { clock, passwords: new PasswordCheck({ clock }) };
  }

  of(host: string): Guard | undefined {
    return this.#byHost.get(host);
  }

  /** Replaces the rules. A guard whose rules stay keeps its count of guesses. */
  update(routes: readonly Pick<HostRoute, 'host' | 'access'>[]): void {
    const before = this.#byHost;
    this.#byHost = new Map();
    for (const { host, access } of routes) {
      if (!access) continue;
      const known = before.get(host);
      const isSame = known && deepEqual(known.rules, access);
      this.#byHost.set(host, isSame ? known : new Guard(this.#components, { host, rules: access }));
    }
  }
}
