import { createHash } from 'node:crypto';
import type { ContainerIdentity } from '../../../../controllers/ports/runtime.ts';

/** Linux allows 15 characters for the name of an interface. */
const BRIDGE_PREFIX = 'pcn-';

/**
 * `<deployment>-<ordinal>-<template>-<attempt>-<scope>`. The scope tells apart Deployments of one name that belong
 * to other owners, namespaces or agents on the same engine.
 */
export function containerName(agentID: string, identity: ContainerIdentity): string {
  const { owner, namespace, uid, deployment, ordinal, templateHash, attempt } = identity;
  const scope = shortHash(8, agentID, owner, namespace, uid);
  return [deployment, ordinal, templateHash.slice(0, 8), attempt, scope].join('-');
}

/** What the process sees as its host name; 63 characters are a DNS label. */
export function hostName({ deployment, ordinal }: ContainerIdentity): string {
  const suffix = `-${ordinal}`;
  return deployment.slice(0, 63 - suffix.length) + suffix;
}

export interface NetworkName {
  network: string;
  /**
   * Name of the bridge interface: deterministic, so that the engine refuses the second of two networks that are
   * created at once (the network's own name does not keep them apart), and firewall rules can match `pcn-+`.
   */
  bridge: string;
}

/** The network that all containers of an owner in a namespace share. */
export function networkName(agentID: string, owner: string, namespace: string): NetworkName {
  const hash = shortHash(10, agentID, owner, namespace);
  return { network: `peercompute-${namespace}-${hash}`, bridge: BRIDGE_PREFIX + hash };
}

function shortHash(length: number, ...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, length);
}
