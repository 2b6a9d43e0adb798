import { type Probed, targetOf } from './target.ts';

/** The loopback address stands for a bridge of this machine, a documentation address for one elsewhere. */
const HERE = { ip: '10.0.0.2', gateway: '127.0.0.1' };
const ELSEWHERE = { ip: '10.0.0.2', gateway: '203.0.113.1' };

const WEB: Probed = {
  address: HERE,
  portNames: new Map([['http', 80]]),
  container: {
    ports: [
      { containerPort: 80, protocol: 'TCP', hostPort: 32768 },
      { containerPort: 53, protocol: 'UDP', hostPort: 32769 },
    ],
  },
};

describe('the target of a probe', () => {
  it.each([
    ['a port', WEB, 80, { host: '10.0.0.2', port: 80, proxied: false }],
    ['a port that is not published', WEB, 9000, { host: '10.0.0.2', port: 9000, proxied: false }],
    ['a port by name', WEB, 'http', { host: '10.0.0.2', port: 80, proxied: false }],
    ['a port by an unknown name', WEB, 'https', 'no port of the container is named "https"'],
    [
      'a container without address',
      { ...WEB, address: undefined },
      80,
      expect.stringContaining('no address'),
    ],
    [
      'a published port of an engine elsewhere',
      { ...WEB, address: ELSEWHERE },
      'http',
      { host: '127.0.0.1', port: 32768, proxied: true },
    ],
    [
      'a port of an engine elsewhere that is published for UDP only',
      { ...WEB, address: ELSEWHERE },
      53,
      expect.stringContaining('cannot be reached'),
    ],
  ])('for %s', (_, probed, reference, expected) => {
    expect(targetOf(probed as Probed, reference)).toEqual(expected);
  });
});
