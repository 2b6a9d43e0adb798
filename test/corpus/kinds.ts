import { type BadManifest, CONTAINER, container, metadata, replaced, right, spec } from './manifest.ts';

const EVENT = [
  'apiVersion: peercompute.dev/v1alpha1',
  'kind: Event',
  'metadata: {name: web.1}',
  'spec:',
  '  regarding: {kind: Deployment, name: web, uid: x}',
  '  type: Normal',
  '  reason: Started',
  '  note: started',
  '  reportingController: deployment',
  '  count: 1',
  '  firstTimestamp: "2030-01-01T00:00:00Z"',
  '  lastTimestamp: "2030-01-01T00:00:00Z"',
  '',
].join('\n');

/** YAML that is not one of our manifests. */
export const KINDS: readonly BadManifest[] = [
  // YAML, but no manifest.
  ['a word', 'hello', ':1: must be a mapping with apiVersion, kind,'],
  ['a number', '42', ':1: must be a mapping with apiVersion, kind,'],
  ['a list', '- a\n- b', ':1: must be a mapping with apiVersion, kind,'],
  ['a mapping of something else', 'hello: world', ':1: apiVersion: is required'],
  ['a page of HTML', '<!doctype html>\n<html><body>404: Not Found</body></html>', ':2: not valid YAML'],
  ['a shell script', '#!/bin/sh\nset -e\necho "hello"', ':2: must be a mapping with apiVersion, kind,'],
  [
    'a Dockerfile',
    'FROM nginx:alpine\nCOPY . /usr/share/nginx/html\n',
    ':1: must be a mapping with apiVersion, kind,',
  ],
  ['a compose file', 'services:\n  web:\n    image: nginx\n', ':1: apiVersion: is required'],
  ['a document without a kind', replaced(2, '# kind is missing'), ':1: kind: is required'],
  ['a document without an apiVersion', replaced(1, '# apiVersion is missing'), ':2: apiVersion: is required'],
  ['a document without metadata', replaced(3, '').replace('  name: web\n', ''), ':1: metadata: is required'],
  ['a document without a spec', right().split('\n').slice(0, 4).join('\n'), ':1: spec: is required'],
  [
    'a kind that is no text',
    replaced(2, 'kind: [Deployment]'),
    ':2: kind: must be one of Deployment, TrustedPeer,',
  ],
  // Another kind, or another version.
  ['a misspelt kind', replaced(2, 'kind: Deploymnet'), ':2: kind: unknown kind "Deploymnet"'],
  ['a kind in lower case', replaced(2, 'kind: deployment'), ':2: kind: unknown kind "deployment"'],
  ['a kind that is not ours', replaced(2, 'kind: Pod'), ':2: kind: unknown kind "Pod"'],
  ['a kind that Object has', replaced(2, 'kind: constructor'), ':2: kind: unknown kind "constructor"'],
  [
    'a version that is to come',
    replaced(1, 'apiVersion: peercompute.dev/v2'),
    ':1: apiVersion: must be peercompute.dev/v1alpha1\n',
  ],
  [
    'a version without its group',
    replaced(1, 'apiVersion: v1alpha1'),
    ':1: apiVersion: must be peercompute.dev/v1alpha1\n',
  ],
  [
    'a Deployment of Kubernetes',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: nginx}]}\n',
    ':1: apiVersion: must be peercompute.dev/v1alpha1 (a Kubernetes object cannot be applied as it is; its spec.template',
  ],
  [
    'a Service of Kubernetes',
    'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n',
    ':1: apiVersion: must be peercompute.dev/v1alpha1 (a Kubernetes',
  ],
  ['an Event, which only machines write', EVENT, ':1: kind: events are written by machines and cannot be'],
  // Unknown and repeated fields.
  ['an unknown field at the top', `${right()}spce: {}\n`, ':12: spce: unknown field'],
  ['an unknown field in the spec', spec('replcas: 2'), ':6: spec.replcas: unknown field'],
  ['an unknown field in the container', container('imgae: nginx'), `:12: ${CONTAINER}.imgae: unknown field`],
  [
    'a field of Kubernetes that is not ours',
    spec('selector: {matchLabels: {app: web}}'),
    ':6: spec.selector: unknown field',
  ],
  [
    'bookkeeping of another object',
    metadata('uid: 00000000-0000-4000-8000-000000000000'),
    ':5: metadata.uid: unknown field',
  ],
  ['a status', `${right()}status: {readyReplicas: 1}\n`, ':12: status: unknown field'],
  ['a field twice', spec('replicas: 1', 'replicas: 2'), ':7: not valid YAML'],
  ['a name twice', metadata('name: other'), ':5: not valid YAML'],
  [
    'a key that would reach a prototype',
    spec('__proto__: {replicas: 9}'),
    ':6: spec.__proto__: unknown field',
  ],
  [
    'a key that would reach a constructor',
    spec('constructor: {prototype: {polluted: true}}'),
    ':6: spec.constructor: unknown field',
  ],
  ['a prototype at the top', `${right()}__proto__: {polluted: true}\n`, ':12: __proto__: unknown field'],
  [
    'a prototype among labels',
    metadata('labels: {__proto__: {polluted: "true"}}'),
    ':5: metadata.labels.__proto__: cannot be a key',
  ],
  ['a merge key', spec('<<: {replicas: 2}'), ':6: spec.<<: unknown field'],
];
