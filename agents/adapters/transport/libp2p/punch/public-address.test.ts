import { isPublicAddress } from './public-address.ts';

test.each(['/ip4/8.8.8.8/tcp/4711', '/ip4/172.32.0.1/tcp/1', '/ip6/2a00:1450::1/tcp/65535'])(
  'lets a peer make us dial %s',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

test.each([
  '/ip4/127.0.0.1/tcp/22',
  '/ip4/10.1.2.3/tcp/80',
  '/ip4/172.16.0.1/tcp/80',
  '/ip4/192.168.1.1/tcp/80',
  '/ip4/169.254.169.254/tcp/80',
  '/ip4/100.64.0.1/tcp/80',
  '/ip4/0.0.0.0/tcp/80',
  '/ip4/224.0.0.1/tcp/80',
  '/ip4/255.255.255.255/tcp/80',
  '/ip6/::1/tcp/80',
  '/ip6/::ffff:127.0.0.1/tcp/80',
  '/ip6/64:ff9b::a00:1/tcp/80',
  '/ip6/fe80::1/tcp/80',
  '/ip6/fd00::1/tcp/80',
  '/ip4/8.8.8.8/tcp/0',
  '/ip4/8.8.8.8/udp/53',
  '/ip4/8.8.8/tcp/80',
  '/ip6/8.8.8.8/tcp/80',
  '/dns4/router.lan/tcp/80',
  '/ip4/8.8.8.8/tcp/80/p2p/12D3KooW',
])('does not let a peer make us dial %s', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});
