import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { generateIdentity, type Identity } from '../../agents/adapters/identity/identity.ts';
import { SpecVerifier } from '../../agents/adapters/rpc/spec-verifier.ts';
import { DirectoryStore } from '../../agents/adapters/store/directory-store.ts';
import { systemClock as clock } from '../../agents/adapters/system/clock.ts';
import { PrometheusMetrics } from '../../agents/adapters/system/metrics.ts';
import { canonicalHash, canonicalJson } from '../../api/meta/canonical.ts';
import { keyOf, type ObjectKey } from '../../api/meta/object.ts';
import type { RequestClaims } from '../../api/protocol/claims.ts';
import { ENVELOPE_LIFETIME_MS } from '../../api/protocol/limits.ts';
import { REQUEST_DOMAIN } from '../../api/protocol/protocols.ts';
import { Admission } from '../../controllers/admission/admission.ts';
import { Ledger } from '../../controllers/admission/ledger.ts';
import { Informer } from '../../controllers/core/informer.ts';
import { Manager } from '../../controllers/core/manager.ts';
import { deploymentController } from '../../controllers/deployment/controller.ts';
import type { Store } from '../../controllers/ports/store.ts';
import { FakeRuntime } from '../../test/fakes/fake-runtime.ts';
import { deployment, trustedPeer } from '../../test/support/objects.ts';
import { silentLogger as logger } from '../../test/support/silent.ts';
import { IMAGE } from './manifests.ts';

/** The part of an agent that reconciles, in this process. */
export interface Agent {
  /** Has every Deployment looked at again, and answers how long that took, in milliseconds. */
  reconcileAll(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * The agent's own controller, Store on disk, admission and verifier, with signed Deployments of one peer that all
 * run already; only the runtime is one in memory. Events are not recorded: a settled Deployment has none.
 */
export async function settledAgent(directory: string, count: number): Promise<Agent> {
  const store = new DirectoryStore({ clock, logger }, { directory });
  const [provider, owner] = [generateIdentity(), generateIdentity()];
  await store.apply(trustedPeer('owner', owner.peerID, { grants: { deploy: {} } }));
  const keys: ObjectKey<'Deployment'>[] = [];
  for (let index = 0; index < count; index++)
    keys.push(await storeSigned(store, `app-${index}`, owner, provider.peerID));
  const end = new AbortController();
  const { manager, controller } = assemble(store, provider);
  const ended = manager.start(end.signal);
  await manager.settled(end.signal);
  return {
    async reconcileAll() {
      const [begun, before] = [performance.now(), controller.runs];
      for (const key of keys) controller.enqueue(key);
      while (controller.runs < before + count || !controller.isIdle()) await setImmediate();
      return performance.now() - begun;
    },
    async stop() {
      end.abort();
      await ended;
    },
  };
}

function assemble(store: Store, identity: Identity) {
  const runtime = new FakeRuntime({ clock });
  runtime.images.load(IMAGE);
  const components = { store, runtime, clock, logger, metrics: new PrometheusMetrics() };
  const deployments = new Informer(components, { kind: 'Deployment' });
  const trustedPeers = new Informer(components, { kind: 'TrustedPeer' });
  const admission = new Admission(
    { clock, ledger: new Ledger(), trustedPeers: () => trustedPeers.list() },
    { ceiling: {} },
  );
  const { controller, runnables } = deploymentController({
    ...components,
    deployments,
    verifier: new SpecVerifier({ identity }),
    authorize: (object) => admission.authorize(object),
    recorder: { record() {} },
  });
  const informers = [deployments, trustedPeers];
  return {
    controller,
    manager: new Manager(components, { informers, controllers: [controller], runnables }),
  };
}

/** Stores a Deployment as if its owner's apply had just been accepted. */
async function storeSigned(
  store: Store,
  name: string,
  owner: Identity,
  provider: string,
): Promise<ObjectKey<'Deployment'>> {
  const { metadata, ...object } = deployment(name, {
    template: { spec: { containers: [{ name, image: IMAGE }] } },
  });
  const { namespace = '', uid } = metadata;
  const claims = {
    verb: 'apply',
    kind: 'Deployment',
    namespace,
    name,
    uid,
    generation: 1,
    result: canonicalHash(object.spec),
    iss: owner.peerID,
    aud: provider,
    iat: clock.now(),
    exp: clock.now() + ENVELOPE_LIFETIME_MS,
    seq: 0,
    bodyHash: canonicalHash({}),
    nonce: randomBytes(16).toString('base64url'),
  } satisfies RequestClaims;
  const envelope = await owner.seal(REQUEST_DOMAIN, new TextEncoder().encode(canonicalJson(claims)));
  const signature = Buffer.from(envelope).toString('base64');
  const stored = await store.apply({
    ...object,
    metadata: { name, namespace, uid, owner: owner.peerID, signature },
  });
  return keyOf(stored.object) as ObjectKey<'Deployment'>;
}
