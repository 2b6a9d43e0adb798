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
    if (!deployment || deployment.metadata.deletionTimestamp) return {};
    if (!deployment.spec.expose) {
      await status.write(deployment, { url: undefined }, [], [Exposed]);
      return {};
    }
    const outcomes = asked.filter((outcome) => outcome !== undefined);
    const { url, condition } = exposureStatus(outcomes);
    await status.write(deployment, { url }, [condition]);
    return outcomes.some(({ problem }) => problem) ? { requeueAfterMs: ASK_AGAIN_MS } : {};
  }

  /** Makes the Route there say what it should. Undefined where there is to be none. */
  async #ask(
    gateway: GatewayMirror,
    key: ObjectKey<'Deployment'>,
    deployment: Deployment | undefined,
  ): Promise<Outcome | undefined> {
    const desired = deployment && desiredRoute(deployment, gateway.name);
    const blank = { gateway: gateway.name };
    if (gateway.problem) return desired && { ...blank, problem: gateway.problem };
    if (!gateway.hasAnswered) return desired && blank;
    const route = gateway.get(routeKey(key));
    if (isCurrent(route, desired)) return desired && { ...blank, route };
    try {
      if (!desired) return void (await gateway.store.delete(routeKey(key)));
      return { ...blank, route: (await gateway.store.apply(desired)).object };
    } catch (error) {
      if (error instanceof StatusError) return desired && { ...blank, problem: error };
      throw error;
    }
  }
}
