import { formatKey, type ObjectKey } from '../../api/meta/object.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import type { DeploymentSpec } from '../../api/v1alpha1/deployment.ts';
import type { Deployment, TrustedPeer } from '../../api/v1alpha1/types.ts';
import type { Clock } from '../ports/clock.ts';
import { checkPolicy } from './admit.ts';
import type { PeerAdmission } from './admitted-store.ts';
import { requireDeploy, requireTrusted } from './authorize.ts';
import type { Ledger } from './ledger.ts';
import { type Ceiling, checkCeiling, grantCeiling } from './quota.ts';
import { add, type Usage, usageOf } from './usage.ts';

export interface AdmissionComponents {
  clock: Clock;
  ledger: Ledger;
  /** Every TrustedPeer, as known now. */
  trustedPeers(): Iterable<TrustedPeer>;
}

export interface AdmissionInit {
  /** What the owner of the machine lends at most, over all peers. */
  ceiling: Ceiling;
}

export type Authorization = { allowed: true } | { allowed: false; reason: string; message: string };

/** Decides what a peer may do on this machine: its owner has the last word. */
export class Admission implements PeerAdmission {
  readonly kind = 'Deployment';
  readonly #components: AdmissionComponents;
  readonly #ceiling: Ceiling;

  constructor(components: AdmissionComponents, init: AdmissionInit) {
    this.#components = components;
    this.#ceiling = init.ceiling;
  }

  /** @throws StatusError `Forbidden` */
  trusted(peerID: string): TrustedPeer {
    return requireTrusted(this.#components.trustedPeers(), peerID, this.#components.clock.now());
  }

  usage(peerID: string): Usage {
    return this.#components.ledger.total(peerID);
  }

  /**
   * Checks a spec against grant and quotas and reserves what it claims.
   * @returns a function that takes the reservation back, for a write that then fails or was a dry run.
   * @throws StatusError `Forbidden`
   */
  admit(key: ObjectKey, spec: DeploymentSpec): () => void {
    const owner = key.owner ?? '';
    const grant = requireDeploy(this.trusted(owner));
    checkPolicy(spec, grant);
    const { ledger } = this.#components;
    const name = formatKey(key);
    const change = add(usageOf(spec), ledger.of(name), -1);
    const mine = ledger.total(owner);
    const all = ledger.total();
    checkCeiling(grantCeiling(grant), mine, add(mine, change), 'you were granted');
    checkCeiling(this.#ceiling, all, add(all, change), 'this machine lends in all');
    return ledger.reserve(name, owner, usageOf(spec));
  }

  /** Whether a Deployment that was admitted once may still run. */
  authorize({ metadata, spec }: Deployment): Authorization {
    if (!metadata.owner) return { allowed: true };
    try {
      checkPolicy(spec, requireDeploy(this.trusted(metadata.owner)));
      return { allowed: true };
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return { allowed: false, reason: error.conditionReason, message: error.message };
    }
  }
}
