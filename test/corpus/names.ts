import { type BadManifest, metadata, replaced, trustedPeer } from './manifest.ts';

/** Names that nothing can have, and peers that cannot be. */
export const NAMES: readonly BadManifest[] = [
  // Names.
  [
    'a name in upper case',
    replaced(4, '  name: Web'),
    ':4: metadata.name: must be lower-case letters, digits and "-",',
  ],
  [
    'a name with an underscore',
    replaced(4, '  name: my_web'),
    ':4: metadata.name: must be lower-case letters, digits and "-",',
  ],
  [
    'a name with a dot',
    replaced(4, '  name: web.app'),
    ':4: metadata.name: must be lower-case letters, digits and "-",',
  ],
  [
    'a name that is a path',
    replaced(4, '  name: ../../etc/passwd'),
    ':4: metadata.name: must be lower-case letters, digits and "-",',
  ],
  [
    'a name that is empty',
    replaced(4, '  name: ""'),
    ':4: metadata.name: must be lower-case letters, digits and "-",',
  ],
  [
    'a name that is too long',
    replaced(4, `  name: ${'a'.repeat(64)}`),
    ':4: metadata.name: must be lower-case letters, digits and "-",',
  ],
  [
    'a name that ends in a hyphen',
    replaced(4, '  name: web-'),
    ':4: metadata.name: must be lower-case letters, digits and "-",',
  ],
  [
    'a name of other letters',
    replaced(4, '  name: wеb'),
    ':4: metadata.name: must be lower-case letters, digits and "-",',
  ],
  ['a name that is a number', replaced(4, '  name: 42'), ':4: metadata.name: must be text: put it in quotes'],
  ['a name that is null', replaced(4, '  name: null'), ':4: metadata.name: must be text, and is empty here'],
  [
    'a namespace that is a path',
    metadata('namespace: ../x'),
    ':5: metadata.namespace: must be lower-case letters, digits and "-",',
  ],
  [
    'a label key that is none',
    metadata('labels: {"a b": c}'),
    ':5: metadata.labels.a b: is no key: it must be [prefix/]name,',
  ],
  [
    'a label value that is a number',
    metadata('labels: {a: 1}'),
    ':5: metadata.labels.a: must be text: put it in quotes',
  ],
  [
    'annotations beyond all bounds',
    metadata(`annotations: {a: "${'x'.repeat(70_000)}"}`),
    ':5: metadata.annotations: annotations must not exceed 64 KiB in all',
  ],
  // Placement.
  [
    'no peers',
    replaced(6, '  placement: {peers: []}'),
    ':6: spec.placement.peers: must name at least one TrustedPeer',
  ],
  [
    'a peer twice',
    replaced(6, '  placement: {peers: [alice, alice]}'),
    ':6: spec.placement.peers: must not name a peer twice',
  ],
  [
    'peers that are one word',
    replaced(6, '  placement: {peers: alice}'),
    ':6: spec.placement.peers: must be a list, not text: put it in [ ]',
  ],
  ['no placement', replaced(6, '  # placement is missing'), ':5: spec.placement: is required'],
  // Peers.
  [
    'a peer ID that is too short',
    trustedPeer().replace('NASuq', ''),
    ':5: spec.peerID: must be an Ed25519 peer ID: 12D3KooW and 44',
  ],
  [
    'a peer ID of another kind of key',
    trustedPeer().replace(/12D3KooW\w+/, 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N'),
    ':5: spec.peerID: must be an Ed25519 peer ID: 12D3KooW and 44',
  ],
  [
    'an address that is none',
    trustedPeer('addresses: ["10.0.0.1:9000"]'),
    ':6: spec.addresses[0]: must be a multiaddr such as',
  ],
  [
    'an address of another transport',
    trustedPeer('addresses: [/ip4/10.0.0.1/udp/9000/quic]'),
    ':6: spec.addresses[0]: must be a multiaddr such as',
  ],
  [
    'a trust that ends at no time',
    trustedPeer('expiresAt: tomorrow'),
    ':6: spec.expiresAt: must be an RFC 3339 time such as',
  ],
  ['a grant that does not exist', trustedPeer('grants: {root: true}'), ':6: spec.grants.root: unknown field'],
  [
    'a grant without bounds',
    trustedPeer('grants: {deploy: true}'),
    ':6: spec.grants.deploy: must be a mapping, not true',
  ],
  [
    'an image pattern inside a name',
    trustedPeer('grants: {deploy: {images: ["ghcr.io/al*"]}}'),
    ':6: spec.grants.deploy.images[0]: "ghcr.io/al*" is not an image reference: names',
  ],
  [
    'a namespace where there is none',
    trustedPeer().replace('{name: bob}', '{name: bob, namespace: x}'),
    ':3: metadata.namespace: unknown field',
  ],
];
