import { InvalidManifestError, parseManifests, type SourceError } from './yaml.ts';

const WEB = `apiVersion: peercompute.dev/v1alpha1
kind: Deployment
metadata:
  name: web
spec:
  placement: {peers: [alice]}
  template:
    spec:
      containers:
        - name: web
          image: nginx:alpine
`;

function errorsOf(text: string): readonly SourceError[] {
  try {
    parseManifests(text, 'deploy.yaml');
  } catch (error) {
    if (error instanceof InvalidManifestError) return error.errors;
    throw error;
  }
  return [];
}

describe('parseManifests', () => {
  it('fills in the defaults', () => {
    const [web] = parseManifests(WEB, 'deploy.yaml');
    expect(web).toMatchObject({
      file: 'deploy.yaml',
      line: 1,
      manifest: {
        metadata: { name: 'web', namespace: 'default' },
        spec: {
          replicas: 1,
          state: 'Running',
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
          template: { spec: { containers: [{ resources: { limits: { cpu: '500m', memory: '256Mi' } } }] } },
        },
      },
    });
  });

  it('reads several documents and skips empty ones', () => {
    expect(parseManifests(`---\n${WEB}---\n---\n${WEB}`, 'a.yaml').map(({ line }) => line)).toEqual([2, 15]);
  });

  it('names file, line and path of every mistake, in every document', () => {
    const text = `${WEB.replace('image: nginx:alpine', 'imgae: nginx\n          image: NGINX')}---\n${WEB.replace('spec:', 'spec:\n  replicas: -1')}`;
    expect(errorsOf(text)).toEqual([
      {
        file: 'deploy.yaml',
        line: 12,
        path: 'spec.template.spec.containers[0].image',
        message: expect.stringContaining('not an image reference'),
      },
      {
        file: 'deploy.yaml',
        line: 11,
        path: 'spec.template.spec.containers[0].imgae',
        message: 'unknown field; did you mean "image"?',
      },
      { file: 'deploy.yaml', line: 19, path: 'spec.replicas', message: 'must not be negative' },
    ]);
  });

  it('reports a missing field where its parent stands', () => {
    expect(errorsOf(WEB.replace('  placement: {peers: [alice]}\n', ''))).toEqual([
      { file: 'deploy.yaml', line: 5, path: 'spec.placement', message: 'is required' },
    ]);
  });

  it('reports text that is not YAML with its line', () => {
    expect(errorsOf('a: b\nc: [')).toEqual([
      { file: 'deploy.yaml', line: 2, path: '', message: expect.stringContaining('not valid YAML') },
    ]);
  });
});
