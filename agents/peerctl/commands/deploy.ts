import { nearest } from '../../../api/meta/names.ts';
import type { AnyObject } from '../../../api/v1alpha1/types.ts';
import { dryRun } from '../apply/dry-run.ts';
import { NO_OBJECTS, planChanges, type ReadableStore } from '../apply/plan.ts';
import type { Desired } from '../apply/read-manifests.ts';
import { writeAndFollow } from '../apply/write.ts';
import { defineCommand } from '../command.ts';
import { FOLLOW, NAMESPACE, OUTPUT } from '../common-flags.ts';
import { manifestFor } from '../deploy/manifest-for.ts';
import { UsageError } from '../errors.ts';
import { toManifest } from '../manifest.ts';
import { printerFor } from '../printers/printer.ts';

export const command = defineCommand({
  arguments: 'IMAGE [-- ARG...]',
  arity: { least: 1, most: 1 },
  description:
    'Writes the manifest for you and applies it. What follows -- replaces the arguments of the image.',
  examples: [
    'peerctl deploy nginx:alpine --peer alice --port 80',
    'peerctl deploy nginx:alpine --peer alice --expose 80',
    'peerctl deploy redis:7 --peer alice --name cache --memory 512Mi -- --maxmemory 400mb',
    'peerctl deploy nginx:alpine --peer alice --replicas 2 --dry-run -o yaml > web.yaml',
  ],
  flags: {
    peer: {
      type: 'string',
      value: 'NAME',
      multiple: true,
      help: 'TrustedPeer to run it on',
      complete: 'peer',
    },
    name: { type: 'string', value: 'NAME', help: "name of the Deployment (default: the image's)" },
    ...NAMESPACE,
    replicas: { type: 'integer', value: 'N', help: 'how many copies, over all peers (default: 1)' },
    cpu: { type: 'string', value: 'CPU', help: 'most cores each may use: 2, 500m (default: 500m)' },
    memory: { type: 'string', value: 'MEMORY', help: 'most memory each may use: 256Mi, 1G (default: 256Mi)' },
    env: { type: 'string', short: 'e', value: 'NAME=VALUE', multiple: true, help: 'environment variable' },
    port: { type: 'string', short: 'p', value: 'PORT', multiple: true, help: 'port its process listens on' },
    expose: {
      type: 'string',
      value: 'PORT',
      help: 'port to give a public HTTPS address, on a gateway of the peer',
    },
    host: { type: 'string', value: 'HOST', help: 'host name of that address (default: made by the gateway)' },
    'dry-run': {
      type: 'string',
      value: 'client|server',
      implied: 'client',
      choices: ['none', 'client', 'server'],
      help: 'write nothing; with -o yaml it prints the manifest',
    },
    ...OUTPUT,
    ...FOLLOW,
  },
  async run(context, { flags, words, rest }) {
    const [image = ''] = words;
    const printer = await printerFor(flags.output);
    const desired = manifestFor(image, rest, flags);
    const isDryRun = flags['dry-run'] === 'client' || flags['dry-run'] === 'server';
    const store = isDryRun ? ((await context.storeIfAny()) ?? NO_OBJECTS) : await context.store();
    if (!isDryRun) await refuseUnknownPeers(store, flags.peer);
    const changes = await planChanges(store, [desired]);
    // What is kept in a repository says what its writer decided, and not every default.
    if (isDryRun && printer) {
      context.out.write(printer([asWritten(desired, flags.namespace)], false));
      return undefined;
    }
    if (isDryRun) return dryRun(context, changes, [], printer, flags['dry-run'] === 'server');
    return writeAndFollow(context, changes, [], printer, flags);
  },
});

/** On a command line, a name that nobody has is a slip. */
async function refuseUnknownPeers(store: ReadableStore, peers: readonly string[]): Promise<void> {
  const known = (await store.list('TrustedPeer')).items.map(({ metadata }) => metadata.name);
  const unknown = peers.find((peer) => !known.includes(peer));
  if (unknown === undefined) return;
  const near = nearest(unknown, known);
  throw new UsageError(
    `there is no TrustedPeer "${unknown}"; ${near ? `did you mean ${near}?` : `"peerctl peers add ID --name ${unknown}" makes one`}`,
  );
}

function asWritten({ manifest, written }: Desired, namespace: string | undefined): AnyObject {
  const { name } = manifest.metadata;
  return toManifest({
    ...manifest,
    metadata: { name, namespace },
    spec: written.spec,
  } as AnyObject) as AnyObject;
}
