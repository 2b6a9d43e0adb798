/** A Deployment that is right, line by line; each case makes one thing of it wrong. */
const RIGHT = [
  'apiVersion: peercompute.dev/v1alpha1', // 1
  'kind: Deployment', // 2
  'metadata:', // 3
  '  name: web', // 4
  'spec:', // 5
  '  placement: {peers: [alice]}', // 6
  '  template:', // 7
  '    spec:', // 8
  '      containers:', // 9
  '        - name: web', // 10
  '          image: nginx:alpine', // 11
];

/** A line of {@link RIGHT}, counted from 1, replaced by others. */
export function replaced(line: number, ...by: string[]): string {
  return [...RIGHT.slice(0, line - 1), ...by, ...RIGHT.slice(line), ''].join('\n');
}

/** Lines after line 5, in the spec. */
export const spec = (...lines: string[]) => replaced(5, 'spec:', ...lines.map((line) => `  ${line}`));

/** Lines from line 12 on, in the container. */
export const container = (...lines: string[]) =>
  replaced(11, '          image: nginx:alpine', ...lines.map((line) => `          ${line}`));

/** Lines after line 4, in the metadata. */
export const metadata = (...lines: string[]) =>
  replaced(4, '  name: web', ...lines.map((line) => `  ${line}`));

/** A TrustedPeer; what is given stands from line 6 on, in its spec. */
export function trustedPeer(...lines: string[]): string {
  const head = [
    'apiVersion: peercompute.dev/v1alpha1',
    'kind: TrustedPeer',
    'metadata: {name: bob}',
    'spec:',
  ];
  const peerID = '  peerID: 12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq';
  return [...head, peerID, ...lines.map((line) => `  ${line}`), ''].join('\n');
}

export const right = () => replaced(1, RIGHT[0] ?? '');

/** Where the only container is. */
export const CONTAINER = 'spec.template.spec.containers[0]';

/** What somebody may write into bad.yaml, and what must be said of it: `bad.yaml` and this complaint. */
export type BadManifest = readonly [name: string, text: string, complaint: string];
