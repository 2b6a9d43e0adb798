import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_VERSION } from '../../api/kinds.ts';

export const IMAGE = 'peercompute.local/busybox:1';

/** A peer that nobody has written down: what is placed there is stored, and goes nowhere. */
export const NOBODY = 'nobody';

/** A small container that does nothing and dies at once, so that little but our own work is measured. */
export function deployment(name: string, peer: string): object {
  return {
    apiVersion: API_VERSION,
    kind: 'Deployment',
    metadata: { name },
    spec: {
      placement: { peers: [peer] },
      template: {
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: 'main',
              image: IMAGE,
              command: ['sleep', '1000000'],
              resources: { limits: { cpu: '100m', memory: '32Mi' } },
            },
          ],
        },
      },
    },
  };
}

/** Deployments `app-0`, `app-1` and so on. */
export function deployments(count: number, peer: string): object[] {
  return Array.from({ length: count }, (_, index) => deployment(`app-${index}`, peer));
}

/** Writes manifests into one file, each as a document of its own, and answers its path. */
export function writeManifests(directory: string, manifests: readonly object[]): string {
  const file = join(directory, 'manifests.yaml');
  writeFileSync(
    file,
    manifests.map((manifest) => `---\n${JSON.stringify(manifest, undefined, 2)}\n`).join(''),
  );
  return file;
}
