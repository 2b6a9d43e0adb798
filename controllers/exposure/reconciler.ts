import type { ObjectKey } from '../../api/meta/object.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import { Exposed } from '../../api/v1alpha1/reasons.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import type { Reconciler, Result } from '../core/controller.ts';
import type { StatusWriter } from '../core/status-writer.ts';
import type { Store } from '../ports/store.ts';
import { desiredRoute, isCurrent, routeKey } from './desired.ts';
import type { GatewayMirror } from './gateway.ts';
import { exposureStatus, type Outcome } from './status.ts';

export interface ExposureComponents {
  store: Store;
  gateways: { all(): GatewayMirror[] };
  /** Whether its owner may still run it here. */
  isAllowed(deployment: Deployment): boolean;
  status: StatusWriter;
}

/** A refusal may be lifted on the gateway without our hearing of it, in milliseconds. */
const ASK_AGAIN_MS = 60_000;

interface Asked {
  /** Undefined where there is to be no Route. */
  outcome: Outcome | undefined;
  /** Whether to ask later, though nobody may tell us to. */
  again: boolean;
}

/** Provider: what a Deployment asks to be exposed <-> its Route on each gateway. */
export class ExposureReconciler implements Reconciler<'Deployment'> {
  readonly #components: ExposureComponents;

  constructor(components: ExposureComponents) {
    this.#components = components;
  }

  async reconcile(key: ObjectKey<'Deployment'>): Promise<Result> {
    const { store, gateways, isAllowed, status } = this.#components;
    const deployment = await store.get(key);
    const exposed = deployment && isAllowed(deployment) ? deployment : undefined;
    const asked = await Promise.all(gateways.all().map((gateway) => this.#ask(gateway, key, exposed)));
    const result = asked.some(({ again }) => again) ? { requeueAfterMs: ASK_AGAIN_MS } : {};
    if (!deployment || deployment.metadata.deletionTimestamp) return result;
    if (!deployment.spec.expose) {
      await status.write(deployment, { url: undefined }, [], [Exposed]);
      return result;
    }
    const { url, condition } = exposureStatus(asked.flatMap(({ outcome }) => outcome ?? []));
    // Others have told by now that they saw this generation: without it they would vouch for what we said of another one.
    const observedGeneration = deployment.metadata.generation;
    await status.write(deployment, { url }, [{ ...condition, observedGeneration }]);
    return result;
  }

  /** Makes the Route there say what it should. */
  async #ask(
    gateway: GatewayMirror,
    key: ObjectKey<'Deployment'>,
    deployment: Deployment | undefined,
  ): Promise<Asked> {
    const desired = deployment && desiredRoute(deployment, gateway.name);
    const tell = (outcome: Omit<Outcome, 'gateway'>) => desired && { gateway: gateway.name, ...outcome };
    const { problem } = gateway;
    const route = gateway.get(routeKey(key));
    if (problem) return { outcome: tell({ problem }), again: !isCurrent(route, desired) };
    if (!gateway.hasAnswered) return { outcome: tell({}), again: false };
    if (isCurrent(route, desired)) return { outcome: tell({ route }), again: false };
    try {
      const made = desired && (await gateway.store.apply(desired)).object;
      if (!desired) await gateway.store.delete(routeKey(key));
      return { outcome: tell({ route: made }), again: false };
    } catch (error) {
      if (error instanceof StatusError) return { outcome: tell({ problem: error }), again: true };
      throw error;
    }
  }
}
