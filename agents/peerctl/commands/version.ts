import { API_VERSION } from '../../../api/kinds.ts';
import { VERSION } from '../../adapters/system/version.ts';
import { defineCommand } from '../command.ts';
import { formatTable } from '../printers/table.ts';

export const command = defineCommand({
  description: 'The version of this program, and those of the peers as they last told.',
  examples: ['peerctl version', 'peerctl version --client', 'peerctl version -o json'],
  flags: {
    client: { type: 'boolean', help: 'only of this program' },
    output: { type: 'string', short: 'o', value: 'json', choices: ['json'], help: 'as data' },
  },
  async run(context, { flags }) {
    const store = flags.client ? undefined : await context.storeIfAny();
    const { items } = store ? await store.list('TrustedPeer') : { items: [] };
    const peers = items.map(({ metadata, status }) => ({
      name: metadata.name,
      version: status?.agentVersion ?? '<unknown>',
      platform: status?.platform ?? '<unknown>',
    }));
    const client = { version: VERSION, apiVersion: API_VERSION, node: process.versions.node };
    if (flags.output === 'json') {
      const { toJson } = await import('../printers/structured.ts');
      context.out.write(toJson({ client, peers }));
      return undefined;
    }
    context.out.line(`peerctl ${client.version} (${client.apiVersion}, Node ${client.node})`);
    const rows = peers.map(({ name, version, platform }) => [name, version, platform]);
    if (rows.length > 0) context.out.write(formatTable(['PEER', 'VERSION', 'PLATFORM'], rows));
    return undefined;
  },
});
