import { policyOf } from '../../../controllers/core/error-policy.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { ExitCode } from '../errors.ts';
import { oneLine } from '../printers/escape.ts';
import { findAll } from '../resources.ts';
import type { Session } from '../session.ts';

export const command = defineCommand({
  arguments: '[NAME...]',
  arity: { least: 0, most: Number.POSITIVE_INFINITY },
  complete: 'peer',
  description:
    'One signed round trip to each peer, or to all of them: shows whether it is there and trusts us. Exit code 5 when one is not reached.',
  examples: ['peerctl peers ping', 'peerctl peers ping alice --count 5'],
  flags: {
    count: { type: 'integer', value: 'N', default: 1, help: 'round trips to each' },
    timeout: { type: 'duration', value: 'DURATION', default: 10_000, help: 'how long to wait for each' },
  },
  async run(context, { flags, words }) {
    const peers = await findAll(await context.store(), [{ kind: 'TrustedPeer', names: words }], {
      namespace: undefined,
    });
    if (peers.length === 0) {
      context.err.line('No resources found.');
      return undefined;
    }
    const session = await context.session();
    const codes: number[] = [];
    for (let round = 0; round < flags.count && !context.signal.aborted; round++)
      for (const { metadata } of peers)
        codes.push(await ping(context, session, metadata.name, flags.timeout));
    return codes.find((code) => code !== ExitCode.Done);
  },
});

async function ping(context: Context, session: Session, name: string, timeout: number): Promise<number> {
  const late = new AbortController();
  const cancel = context.clock.after(timeout, () => late.abort());
  try {
    const { milliseconds, address } = await session.ping(
      name,
      AbortSignal.any([context.signal, late.signal]),
    );
    context.out.line(oneLine(`${name}: ${milliseconds.toFixed(1)} ms over ${address}`));
    return ExitCode.Done;
  } catch (error) {
    if (context.signal.aborted) throw error;
    context.fail(`${name}: ${late.signal.aborted ? 'no answer in time' : (error as Error).message}`);
    return late.signal.aborted ? ExitCode.PeerUnreachable : policyOf(error).exitCode;
  } finally {
    cancel();
  }
}
