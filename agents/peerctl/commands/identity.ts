import { defineCommand } from '../command.ts';
import { invitation, invitationName } from '../identity/invitation.ts';
import { ownIdentity } from '../identity/own-identity.ts';

export const command = defineCommand({
  description: 'The peer ID is public: it is what others write down to trust you.',
  examples: ['peerctl identity', 'peerctl identity --manifest --name bob > bob.yaml'],
  flags: {
    manifest: { type: 'boolean', help: 'print a TrustedPeer to send to the other side' },
    name: { type: 'string', value: 'NAME', help: 'name in that manifest (default: $USER)' },
  },
  async run(context, { flags }) {
    const { peerID } = await ownIdentity(context);
    const name = invitationName(flags.name, context.env.USER, peerID);
    context.out.write(flags.manifest ? invitation(peerID, name) : `${peerID}\n`);
    return undefined;
  },
});
