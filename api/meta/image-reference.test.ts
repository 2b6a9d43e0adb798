import {
  checkImagePattern,
  formatImageReference,
  imageMatches,
  parseImageReference,
} from './image-reference.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('image references', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:alpine', 'docker.io/library/nginx:alpine'],
    ['grafana/grafana', 'docker.io/grafana/grafana:latest'],
    ['index.docker.io/library/nginx', 'docker.io/library/nginx:latest'],
    ['ghcr.io/alice/app:v1', 'ghcr.io/alice/app:v1'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['127.0.0.1:5000/a/b/c:1', '127.0.0.1:5000/a/b/c:1'],
    [`nginx@${DIGEST}`, `docker.io/library/nginx@${DIGEST}`],
    [`ghcr.io/a/b:1@${DIGEST}`, `ghcr.io/a/b:1@${DIGEST}`],
    ['[::1]:5000/app', '[::1]:5000/app:latest'],
    ['a/b__c.d-e', 'docker.io/a/b__c.d-e:latest'],
  ])('%s is %s', (text, full) => {
    expect(formatImageReference(parseImageReference(text))).toBe(full);
  });

  it.each([
    '',
    ':',
    'NGINX',
    'nginx:',
    'nginx:a b',
    '/nginx',
    'nginx/',
    'a//b',
    'nginx@sha256:123',
    `a@${DIGEST}@${DIGEST}`,
    '-nginx',
    'http://x/y',
    'a..b',
    '../x',
    'nginx:\n',
    'ex.com:port/x',
    `a${'b'.repeat(600)}`,
  ])('refuses %j', (text) => {
    expect(() => parseImageReference(text)).toThrow(RangeError);
  });

  it.each([
    ['*', 'anything/at/all', true],
    ['docker.io/library/*', 'nginx', true],
    ['docker.io/library/*', 'grafana/grafana', false],
    ['library/*', 'nginx', true],
    ['ghcr.io/alice/*', 'ghcr.io/alice/app:v1', true],
    ['ghcr.io/alice/*', 'ghcr.io/alice/deep/app', true],
    ['ghcr.io/alice/*', 'ghcr.io/alice-evil/app', false],
    ['ghcr.io/alice/*', 'ghcr.io.evil/alice/app', false],
    ['ghcr.io/*', 'ghcr.io/anyone/app', true],
    ['nginx', 'nginx:alpine', true],
    ['nginx:alpine', 'nginx:alpine', true],
    ['nginx:alpine', 'nginx:latest', false],
    ['nginx', 'evil.io/library/nginx', false],
    [`nginx@${DIGEST}`, `nginx@${DIGEST}`, true],
    [`nginx@${DIGEST}`, 'nginx', false],
  ])('pattern %s against %s: %s', (pattern, image, covered) => {
    checkImagePattern(pattern);
    expect(imageMatches(pattern, parseImageReference(image))).toBe(covered);
  });

  it.each(['', '**', 'ghcr.io/al*', '*/x', 'a/*/b'])('refuses the pattern %j', (pattern) => {
    expect(() => checkImagePattern(pattern)).toThrow(RangeError);
  });
});
