import { type BadManifest, spec } from './manifest.ts';

const expose = (text: string) => spec(`expose: {port: 80, ${text}}`);
const access = (text: string) => expose(`access: {${text}}`);

/** Public addresses that nobody can be given, and doors that let in nobody or everybody. */
export const EXPOSURE: readonly BadManifest[] = [
  ['a host name without a domain', expose('host: shop'), ':6: spec.expose.host: must have a domain'],
  [
    'a host name with a port',
    expose('host: "shop.example.com:443"'),
    ':6: spec.expose.host: must be a host name',
  ],
  [
    'an affinity of another kind',
    expose('sessionAffinity: ClientIP'),
    ':6: spec.expose.sessionAffinity: must be None or Cookie',
  ],
  [
    'a protocol that is not relayed',
    expose('protocol: TCP'),
    ':6: spec.expose.protocol: must be HTTP or H2C',
  ],
  [
    'access rules without a rule',
    access(''),
    ':6: spec.expose.access: must have allowCIDRs, basicAuth or bearer',
  ],
  ['no network at all', access('allowCIDRs: []'), ':6: spec.expose.access.allowCIDRs: must not be empty'],
  [
    'a network that is none',
    access('allowCIDRs: [192.0.2.0/33]'),
    ':6: spec.expose.access.allowCIDRs[0]: must be a network such as 192.0.2.0/24',
  ],
  [
    'a host name in place of a network',
    access('allowCIDRs: [office.example.com]'),
    ':6: spec.expose.access.allowCIDRs[0]: must be a network such as 192.0.2.0/24',
  ],
  [
    'a password that is not hashed',
    access('basicAuth: [{username: ann, passwordHash: secret}]'),
    ':6: spec.expose.access.basicAuth[0].passwordHash: must be a hash of a password, as "peerctl hash-password"',
  ],
  [
    'a password hash of another kind',
    access("basicAuth: [{username: ann, passwordHash: '$2y$05$abcdefghijklmnopqrstuv'}]"),
    ':6: spec.expose.access.basicAuth[0].passwordHash: must be a hash of a password, as "peerctl hash-password"',
  ],
  [
    'a user name with a colon',
    access("basicAuth: [{username: 'a:b', passwordHash: x}]"),
    ':6: spec.expose.access.basicAuth[0].username: must be 1 to 64 visible characters without a colon',
  ],
  [
    'a token that is not hashed',
    access('bearer: [secret]'),
    ':6: spec.expose.access.bearer[0]: must be sha256: and the hash of a token in hex',
  ],
];
