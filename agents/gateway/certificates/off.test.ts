import { noCertificates } from './off.ts';

it('without TLS every host is ready at once, and none is served', () => {
  noCertificates.want(new Set(['a.example.com']));
  expect(noCertificates.state('a.example.com')).toEqual({ ready: true });
  expect(noCertificates.contextFor('a.example.com')).toBeUndefined();
});
