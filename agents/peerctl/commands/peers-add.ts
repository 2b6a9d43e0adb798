import { printOperations, reference } from '../apply/output.ts';
import { defineCommand } from '../command.ts';
import { CommandError } from '../errors.ts';
import { trustedPeerFor } from '../peers/manifest-for.ts';
import { describeGrants } from '../printers/describe-trusted-peer.ts';

export const command = defineCommand({
  arguments: 'PEER_ID',
  arity: { least: 1, most: 1 },
  description: [
    'Trust is one-way: this lets us connect to the peer, and lets the peer do here what --allow says, and nothing else.',
    'The other side has to trust us as well. For a peer that is trusted already, what the flags say is changed.',
    'It takes effect at once, also in an agent that is running.',
  ].join('\n'),
  examples: [
    'peerctl peers add 12D3KooW... --name alice --addr /ip4/192.168.1.100/tcp/9000',
    'peerctl --state-dir ~/.peercomputed peers add 12D3KooW... --name bob --allow deploy,logs --cpu 4 --memory 4Gi',
  ],
  flags: {
    name: { type: 'string', value: 'NAME', help: 'what to call it here (default: made from its ID)' },
    addr: { type: 'string', value: 'MULTIADDR', multiple: true, help: 'where it can be dialled' },
    allow: {
      type: 'string',
      value: 'GRANT,...',
      multiple: true,
      help: 'what it may do here: deploy, logs; on a gateway: expose, relay',
    },
    cpu: { type: 'string', value: 'CPU', help: 'cores that its containers may be given together' },
    memory: { type: 'string', value: 'MEMORY', help: 'memory that its containers may be given together' },
    'max-deployments': { type: 'integer', value: 'N', help: 'Deployments it may have' },
    'max-replicas': { type: 'integer', value: 'N', help: 'replicas it may have, over all its Deployments' },
    image: {
      type: 'string',
      value: 'PATTERN',
      multiple: true,
      help: 'images it may run, such as docker.io/library/*',
    },
    host: {
      type: 'string',
      value: 'PATTERN',
      multiple: true,
      help: 'host names that it may ask for on this gateway, such as *.example.com',
    },
    expires: {
      type: 'string',
      value: 'TIME',
      help: 'when the trust ends by itself, such as 2027-01-01T00:00:00Z',
    },
  },
  async run(context, { flags, words }) {
    const [peerID = ''] = words;
    const store = await context.store();
    const { items } = await store.list('TrustedPeer');
    const live = items.find(({ spec }) => spec.peerID === peerID);
    const namesake = items.find(({ metadata }) => metadata.name === flags.name);
    if (live && flags.name !== undefined && flags.name !== live.metadata.name)
      throw new CommandError(
        `this peer is trusted already, as "${live.metadata.name}"; "peerctl peers remove ${live.metadata.name}" first`,
      );
    if (namesake && namesake !== live)
      throw new CommandError(
        `"${flags.name}" is another peer already; choose another --name, or remove it first`,
      );
    const manifest = trustedPeerFor(peerID, flags, live);
    const { labels = {}, annotations = {} } = live?.metadata ?? {};
    const precondition = live ? { resourceVersion: live.metadata.resourceVersion } : {};
    const next = { ...manifest, metadata: { ...manifest.metadata, labels, annotations } };
    const { object, operation } = await store.apply(next, precondition);
    printOperations(context, [{ name: reference(object), word: operation }]);
    const grants = describeGrants(object.spec.grants);
    context.err.line(
      grants.length > 0
        ? `It may here: ${grants.join('; ')}`
        : 'It may do nothing here; --allow deploy,logs grants more.',
    );
    return undefined;
  },
});
