import { ALICE } from './objects.ts';

/** A Deployment as a person writes it; `spec` lines are put at the beginning of its spec. */
export function webManifest(name = 'web', ...spec: string[]): string {
  return [
    'apiVersion: peercompute.dev/v1alpha1',
    'kind: Deployment',
    'metadata:',
    `  name: ${name}`,
    'spec:',
    ...spec.map((line) => `  ${line}`),
    '  placement: {peers: [alice]}',
    '  template:',
    '    spec:',
    '      containers:',
    `        - name: ${name}`,
    '          image: nginx:alpine',
    '',
  ].join('\n');
}

export const ALICE_MANIFEST = [
  'apiVersion: peercompute.dev/v1alpha1',
  'kind: TrustedPeer',
  'metadata:',
  '  name: alice',
  'spec:',
  `  peerID: ${ALICE}`,
  '',
].join('\n');
