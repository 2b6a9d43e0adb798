import { checkKey, checkKind, isKey } from './keys.ts';

describe('checkKey', () => {
  it.each([
    { kind: 'Deployment', namespace: 'default', name: 'web' },
    { kind: 'Deployment', owner: '12D3KooWalice', namespace: 'default', name: 'web' },
    { kind: 'TrustedPeer', name: 'alice' },
    { kind: 'Event', namespace: 'default', name: 'web.17f3a9' },
  ])('lets $kind $name pass', (key) => {
    expect(checkKey(key)).toEqual(key);
  });

  it.each([
    [{ kind: 'Pod', namespace: 'default', name: 'web' }, 'kind'],
    [{ kind: 'Deployment', name: 'web' }, 'metadata.namespace'],
    [{ kind: 'Deployment', namespace: '../..', name: 'web' }, 'metadata.namespace'],
    [{ kind: 'TrustedPeer', namespace: 'default', name: 'alice' }, 'metadata.namespace'],
    [{ kind: 'Deployment', namespace: 'default', name: '../web' }, 'metadata.name'],
    [{ kind: 'Deployment', namespace: 'default', name: '.tmp-web' }, 'metadata.name'],
    [{ kind: 'Event', namespace: 'default', name: 'x'.repeat(251) }, 'metadata.name'],
    [{ kind: 'Deployment', owner: '..', namespace: 'default', name: 'web' }, 'metadata.owner'],
    [{ kind: 'Deployment', owner: '', namespace: 'default', name: 'web' }, 'metadata.owner'],
  ])('refuses %j because of its %s', (key, field) => {
    expect(() => checkKey(key)).toThrow(expect.objectContaining({ reason: 'Invalid', details: { field } }));
    expect(isKey(key)).toBe(false);
  });

  it('knows the kinds there are', () => {
    expect(checkKind('Event').plural).toBe('events');
    expect(() => checkKind('constructor')).toThrow(expect.objectContaining({ reason: 'Invalid' }));
  });
});
