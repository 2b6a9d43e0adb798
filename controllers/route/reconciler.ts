import type { ConditionInput } from '../../api/meta/condition.ts';
import { keyOf, type ObjectKey } from '../../api/meta/object.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import { Accepted, CertificateReady, Connected, Ready, Reason } from '../../api/v1alpha1/reasons.ts';
import type { Route } from '../../api/v1alpha1/types.ts';
import type { Reconciler, Result } from '../core/controller.ts';
import type { StatusWriter } from '../core/status-writer.ts';
import type { Certificates } from '../ports/certificates.ts';
import type { Router } from '../ports/router.ts';
import type { Store } from '../ports/store.ts';
import type { HostClaims } from './claim-host.ts';
import type { HostProver } from './host-prover.ts';
import { type JudgeComponents, judge } from './judge.ts';
import { backendOf, type RouteTable } from './table.ts';
import type { TrafficSamples } from './traffic-samples.ts';

export interface RouteComponents extends JudgeComponents {
  store: Store;
  router: Router;
  certificates: Certificates;
  prover: HostProver;
  claims: HostClaims;
  table: RouteTable;
  traffic: TrafficSamples;
  status: StatusWriter;
}

export interface RouteInit {
  /** Writes the public address of a host name. */
  urlOf(host: string): string;
}

/** A container that has just been exposed may take a moment to answer, in milliseconds. */
const PROBE_AGAIN_MS = 2_000;

/** What answers now may not later, and nobody would tell us, in milliseconds. */
const PROBE_OFTEN_MS = 60_000;

/** Why a Route is not served. */
interface Refusal extends Result {
  reason: string;
  message: string;
}

/** Gateway: Route <-> what the router serves. */
export class RouteReconciler implements Reconciler<'Route'> {
  readonly #components: RouteComponents;
  readonly #init: RouteInit;

  constructor(components: RouteComponents, init: RouteInit) {
    this.#components = components;
    this.#init = init;
  }

  async reconcile(key: ObjectKey<'Route'>, signal: AbortSignal): Promise<Result> {
    const { store, prover, claims } = this.#components;
    const route = await store.get(key);
    if (!route || route.metadata.deletionTimestamp) {
      this.#withdraw(key);
      prover.forget(key);
      return {};
    }
    const judgement = await judge(this.#components, route);
    if (!judgement.allowed) return this.#refuse(route, judgement);
    const unproven = await prover.check(route, judgement.host, signal);
    if (unproven) return this.#refuse(route, { reason: Reason.HostNotProven, ...unproven });
    const host = await claims.claim(route, judgement.host);
    if (host !== undefined) return this.#serve(route, host, signal);
    return this.#refuse(route, { reason: Reason.HostnameTaken, message: taken(judgement.host) });
  }

  async #refuse(route: Route, { reason, message, ...result }: Refusal): Promise<Result> {
    this.#withdraw(keyOf(route) as ObjectKey<'Route'>);
    const fields = {
      observedGeneration: route.metadata.generation,
      host: undefined,
      url: undefined,
      tunnel: undefined,
      traffic: undefined,
    };
    const conditions = [Accepted, Ready].map((type) => ({ type, status: 'False' as const, reason, message }));
    await this.#components.status.write(route, fields, conditions, [CertificateReady, Connected]);
    return result;
  }

  async #serve(route: Route, host: string, signal: AbortSignal): Promise<Result> {
    const { router, table, traffic, status, certificates } = this.#components;
    if (table.set(host, route)) this.#publish();
    const fields = {
      observedGeneration: route.metadata.generation,
      host,
      url: this.#init.urlOf(host),
      tunnel: router.endpoint,
      traffic: traffic.of(host),
    };
    const links = [accepted(host), certified(certificates, host), connected(router, route)];
    const broken = links.find((link) => link.status !== 'True') ?? (await this.#probe(route, host, signal));
    const ready = broken ? { ...broken, type: Ready } : answering(host);
    await status.write(route, fields, [...links, ready]);
    // Certificates and tunnels tell when they change; a container does not.
    if (!broken) return { requeueAfterMs: PROBE_OFTEN_MS };
    return links.includes(broken) ? {} : { requeueAfterMs: PROBE_AGAIN_MS };
  }

  async #probe(route: Route, host: string, signal: AbortSignal): Promise<ConditionInput | undefined> {
    const backend = backendOf(route);
    const { protocol } = route.spec.expose;
    try {
      await this.#components.router.probe({ host, protocol, backends: [backend] }, backend, signal);
      return undefined;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return { type: Ready, status: 'False', reason: error.conditionReason, message: error.message };
    }
  }

  #withdraw(key: ObjectKey<'Route'>): void {
    if (this.#components.table.delete(key)) this.#publish();
  }

  #publish(): void {
    const { router, certificates, table, traffic } = this.#components;
    const hosts = table.hosts();
    certificates.want(hosts);
    traffic.keep(hosts);
    router.serve(table.routes());
  }
}

function taken(host: string): string {
  return `${host} is reserved for another Deployment on this gateway; choose another host, or ask the owner of the gateway to delete the HostReservation`;
}

function accepted(host: string): ConditionInput {
  const message = `${host} belongs to the owner of this Deployment`;
  return { type: Accepted, status: 'True', reason: Reason.Accepted, message };
}

function certified(certificates: Certificates, host: string): ConditionInput {
  const state = certificates.state(host);
  if (!state.ready)
    return { type: CertificateReady, status: 'False', reason: state.reason, message: state.message };
  return {
    type: CertificateReady,
    status: 'True',
    reason: Reason.Issued,
    message: 'the certificate is valid',
  };
}

function connected(router: Router, { metadata }: Route): ConditionInput {
  const [up, all] = [router.tunnels(metadata.owner ?? ''), router.endpoint.workers];
  if (up > 0)
    return {
      type: Connected,
      status: 'True',
      reason: Reason.Direct,
      message:
        up === all
          ? 'the tunnel of the provider is up'
          : `${up} of ${all} tunnels of the provider are up; it dials the others as soon as it can`,
    };
  const message = 'the provider has no tunnel to the gateway; it dials as soon as it can';
  return { type: Connected, status: 'False', reason: Reason.Disconnected, message };
}

function answering(host: string): ConditionInput {
  const message = `${host} answers through the tunnel`;
  return { type: Ready, status: 'True', reason: Reason.Ready, message };
}
