import type { V1PodTemplateSpec } from '@kubernetes/client-node';
import { parseManifests } from '../yaml.ts';
import type { PodTemplate } from './deployment.ts';
import type { ManifestOf } from './types.ts';

/** Fails to compile when our template is no longer a strict subset of Kubernetes'. */
type Assignable<To, From extends To> = From;
type TemplateIsKubernetes = Assignable<V1PodTemplateSpec, PodTemplate>;

const KUBERNETES_TEMPLATE = `
metadata: {labels: {app: web}, annotations: {example.com/a: b}}
spec:
  terminationGracePeriodSeconds: 30
  containers:
  - name: web
    image: ghcr.io/acme/web:1.2
    imagePullPolicy: IfNotPresent
    command: ["/web"]
    args: ["--port", "8080"]
    env: [{name: A, value: b}]
    ports: [{name: http, containerPort: 8080, protocol: TCP}]
    resources: {limits: {cpu: 1, memory: 128Mi}, requests: {cpu: 100m, memory: 64Mi}}
    readinessProbe: {httpGet: {path: /healthz, port: http}, periodSeconds: 5}
    livenessProbe: {exec: {command: [cat, /tmp/ok]}}
    startupProbe: {tcpSocket: {port: 8080}, failureThreshold: 30}
    securityContext: {runAsNonRoot: true, runAsUser: 1000, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
`;

describe('the template', () => {
  it('can be pasted from a Kubernetes Deployment', () => {
    const indented = KUBERNETES_TEMPLATE.replaceAll('\n', '\n    ');
    const text = `apiVersion: peercompute.dev/v1alpha1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  placement: {peers: [alice]}\n  template:${indented}`;
    const manifests = parseManifests(text, 'web.yaml').map(
      ({ manifest }) => manifest as ManifestOf<'Deployment'>,
    );
    const template: TemplateIsKubernetes | undefined = manifests[0]?.spec.template;
    expect(template?.spec.containers[0]).toMatchObject({
      resources: { limits: { cpu: '1' } },
      readinessProbe: { failureThreshold: 3 },
    });
  });

  it.each([
    'privileged: true',
    'hostNetwork: true',
    'hostPID: true',
    'volumes: [{hostPath: {path: /}}]',
    'devices: [/dev/kvm]',
  ])('has no field for %s', (field) => {
    const text = `apiVersion: peercompute.dev/v1alpha1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  placement: {peers: [alice]}\n  template:\n    spec:\n      ${field}\n      containers: [{name: a, image: b}]`;
    expect(() => parseManifests(text, 'web.yaml')).toThrow(
      /^web.yaml:8: spec.template.spec.\w+: unknown field/,
    );
  });
});
