import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { Credential } from './credential.ts';
import { ServedSet } from './served-set.ts';

function credential(names: string[], notAfter: number): Credential {
  // Which one it is matters here, not what is in it.
  return { names, notAfter, notBefore: 0, chain: '', key: '', context: { context: names } } as Credential;
}

const clock = new FakeClock(0);
const FUTURE = 1_000_000;

describe('what is served', () => {
  it('is found by exact name, then by wildcard, in any case', () => {
    const served = new ServedSet({ clock });
    const [exact, wildcard] = [credential(['a.x.org'], FUTURE), credential(['x.org', '*.x.org'], FUTURE)];
    served.put('wildcard', wildcard);
    served.put('exact', exact);
    expect(served.contextFor('A.X.org')).toBe(exact.context);
    expect(served.contextFor('b.x.org')).toBe(wildcard.context);
    expect(served.contextFor('x.org')).toBe(wildcard.context);
    for (const name of ['c.b.x.org', 'y.org', '', 'org', '*'])
      expect(served.contextFor(name)).toBeUndefined();
  });

  it('is the wildcard where the exact one has expired, and an expired one rather than none', () => {
    const served = new ServedSet({ clock: new FakeClock(FUTURE) });
    const [exact, wildcard] = [credential(['a.x.org'], FUTURE - 1), credential(['*.x.org'], FUTURE + 1)];
    served.put('exact', exact);
    expect(served.covering('a.x.org')).toBe(exact);
    served.put('wildcard', wildcard);
    expect(served.covering('a.x.org')).toBe(wildcard);
  });

  it('is the one that lasts longest of several, and the next after that one goes', () => {
    const served = new ServedSet({ clock });
    const [long, short] = [credential(['a.x.org'], FUTURE), credential(['a.x.org'], FUTURE - 1)];
    served.put('long', long);
    served.put('short', short);
    expect(served.covering('a.x.org')).toBe(long);
    served.put('long', credential(['b.x.org'], FUTURE));
    expect(served.covering('a.x.org')).toBe(short);
    served.put('short', credential(['b.x.org'], FUTURE));
    expect(served.covering('a.x.org')).toBeUndefined();
  });

  it('answers each challenge until it is withdrawn, to the host that it is about', () => {
    const served = new ServedSet({ clock });
    const http = { type: 'http-01', host: 'a.x.org', token: 't', keyAuthorization: 't.k' } as const;
    const tls = { ...http, type: 'tls-alpn-01' } as const;
    served.answer(http);
    served.answer(tls);
    expect(served.answerTo('A.x.org', 't')).toBe('t.k');
    expect([served.answerTo('b.x.org', 't'), served.answerTo('a.x.org', 'u')]).toEqual([
      undefined,
      undefined,
    ]);
    expect(served.challengeFor('a.x.ORG')).toBeDefined();
    expect(served.contextFor('a.x.org')).toBeUndefined();
    served.withdraw({ ...tls, token: 'of an older order' });
    expect(served.challengeFor('a.x.org')).toBeDefined();
    served.withdraw(http);
    served.withdraw(tls);
    expect([served.answerTo('a.x.org', 't'), served.challengeFor('a.x.org')]).toEqual([undefined, undefined]);
  });
});
