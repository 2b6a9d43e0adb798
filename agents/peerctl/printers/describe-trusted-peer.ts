import type {
  Amounts,
  DeployGrant,
  ExposeGrant,
  TrustedPeerSpec,
} from '../../../api/v1alpha1/trusted-peer.ts';
import type { TrustedPeer } from '../../../api/v1alpha1/types.ts';
import { age } from './age.ts';
import type { Block } from './blocks.ts';
import { trustedPeerStatus } from './trusted-peer-columns.ts';

export function describeTrustedPeer(peer: TrustedPeer, now: number): Block[] {
  const { spec, status } = peer;
  return [
    {
      fields: [
        ['Peer ID', spec.peerID],
        ['Addresses', spec.addresses],
        ['Expires', spec.expiresAt ?? '<never>'],
        ['Status', trustedPeerStatus(peer, now)],
        ['Address', status?.address ?? '<none>'],
        ['Last seen', status?.lastSeen ? `${age(status.lastSeen, now)} ago` : '<never>'],
        ['Platform', status?.platform ?? '<unknown>'],
        ['Version', status?.agentVersion ?? '<unknown>'],
        ['It may here', describeGrants(spec.grants)],
        ['It uses here', status?.usage ? amounts(status.usage) : '<unknown>'],
        ['We may there', status?.granted ? describeGrants(status.granted) : '<unknown>'],
        ['We use there', status?.used ? amounts(status.used) : '<unknown>'],
      ],
    },
  ];
}

/** What a peer may do, one line per grant. */
export function describeGrants({ deploy, logs, expose, relay }: TrustedPeerSpec['grants']): string[] {
  return [
    ...(deploy ? [describeDeploy(deploy)] : []),
    ...(logs ? ['read the logs of its containers'] : []),
    ...(expose ? [describeExpose(expose)] : []),
    ...(relay ? ['be reached through this gateway'] : []),
  ];
}

function describeExpose({ hosts, maxRoutes }: ExposeGrant): string {
  return `expose: ${maxRoutes} routes, hosts ${['generated ones', ...hosts].join(', ')}`;
}

function describeDeploy(deploy: DeployGrant): string {
  const { maxDeployments, maxReplicas, resources, images, capabilities } = deploy;
  const extra = capabilities.length > 0 ? `, capabilities ${capabilities.join(', ')}` : '';
  return `deploy: ${maxDeployments} deployments, ${maxReplicas} replicas, cpu ${resources.cpu}, memory ${resources.memory}, images ${images.join(', ')}${extra}`;
}

function amounts({ deployments, replicas, cpu, memory }: Amounts): string {
  return `${deployments} deployments, ${replicas} replicas, cpu ${cpu}, memory ${memory}`;
}
