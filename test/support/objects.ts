import { randomUUID } from 'node:crypto';
import { API_VERSION } from '../../api/kinds.ts';
import { type MergePatch, mergePatch } from '../../api/meta/merge-patch.ts';
import type { ObjectMeta } from '../../api/meta/object.ts';
import { decode, specSchema } from '../../api/scheme.ts';
import type { Deployment, TrustedPeer } from '../../api/v1alpha1/types.ts';

/** Real peer IDs: the transport and the schemas accept no others. */
export const ALICE = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN';
export const BOB = '12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq';
export const CAROL = '12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE';

/** A Deployment as a Store holds it, with defaults; `spec` is merged over a small valid one. */
export function deployment(
  name: string,
  spec: MergePatch = {},
  metadata: Partial<ObjectMeta> = {},
): Deployment {
  const base = {
    placement: { peers: ['alice'] },
    template: { spec: { containers: [{ name, image: 'peercompute.local/web:1' }] } },
  };
  return {
    apiVersion: API_VERSION,
    kind: 'Deployment',
    metadata: meta(name, { namespace: 'default', ...metadata }),
    spec: valid('Deployment', mergePatch(base, spec)),
  };
}

/** A TrustedPeer as a Store holds it, with defaults. */
export function trustedPeer(
  name: string,
  peerID: string,
  spec: MergePatch = {},
  metadata: Partial<ObjectMeta> = {},
): TrustedPeer {
  return {
    apiVersion: API_VERSION,
    kind: 'TrustedPeer',
    metadata: meta(name, metadata),
    spec: valid('TrustedPeer', mergePatch({ peerID }, spec)),
  };
}

function meta(name: string, metadata: Partial<ObjectMeta>): ObjectMeta {
  return {
    name,
    uid: randomUUID(),
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00.000Z',
    ...metadata,
  };
}

function valid<T>(kind: 'Deployment' | 'TrustedPeer', spec: unknown): T {
  const decoded = decode(specSchema(kind), spec, ['spec']);
  if (!decoded.ok) throw new TypeError(`a test's own ${kind} is invalid: ${JSON.stringify(decoded.errors)}`);
  return decoded.value as T;
}
