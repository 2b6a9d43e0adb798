import { API_VERSION } from '../../../api/kinds.ts';

/**
 * A TrustedPeer for the other side to apply: who we are, and what we would like to do there. Written as
 * text, since `init` and `identity` need nothing else of the YAML library.
 */
export function invitation(peerID: string, name: string): string {
  return [
    '# For the owner of the machine that is to run containers. To trust this peer with what is written here:',
    '#   peerctl --state-dir ~/.peercomputed apply -f THIS_FILE',
    `apiVersion: ${API_VERSION}`,
    'kind: TrustedPeer',
    'metadata:',
    `  name: ${name}`,
    'spec:',
    `  peerID: ${peerID}`,
    '  grants:',
    '    logs: true',
    '    deploy:',
    '      maxDeployments: 10',
    '      maxReplicas: 20',
    '      resources: {cpu: "1", memory: 1Gi}',
    '      images: ["*"]',
    '',
  ].join('\n');
}

/** A name for this peer: the one asked for, or that of the user, or the end of its ID. */
export function invitationName(asked: string | undefined, user: string | undefined, peerID: string): string {
  const fromUser = (user ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
  return asked ?? (fromUser || `peer-${peerID.slice(-6).toLowerCase()}`);
}
