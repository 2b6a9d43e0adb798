import type { AnyObject } from '../../../api/v1alpha1/types.ts';
import { policyOf } from '../../../controllers/core/error-policy.ts';
import type { Applicable } from '../../../controllers/ports/store.ts';
import type { Context } from '../context.ts';
import { ExitCode } from '../errors.ts';
import type { Printer } from '../printers/printer.ts';
import type { Preview } from '../session.ts';
import { printChanges, reference } from './output.ts';
import type { Change } from './plan.ts';

/** Shows what apply would do; with `server` also what each peer would answer. */
export async function dryRun(
  context: Context,
  changes: readonly Change[],
  prunable: readonly AnyObject[],
  printer: Printer | undefined,
  server: boolean,
): Promise<number> {
  printChanges(context, changes, prunable, printer, server ? ' (server dry run)' : ' (dry run)');
  if (!server) return ExitCode.Done;
  const codes: number[] = [];
  for (const { next, previews } of await previewAll(context, changes))
    for (const preview of previews) codes.push(reportPreview(context, next, preview));
  return codes.find((code) => code !== ExitCode.Done) ?? ExitCode.Done;
}

export interface Previewed {
  next: Applicable<'Deployment'>;
  previews: Preview[];
}

/** What the peers say to each Deployment among the changes. */
export async function previewAll(context: Context, changes: readonly Change[]): Promise<Previewed[]> {
  const deployments = changes.flatMap((change) =>
    change.next.kind === 'Deployment' ? [signable(change)] : [],
  );
  if (deployments.length === 0) return [];
  const session = await context.session();
  return Promise.all(
    deployments.map(async (next) => ({ next, previews: await session.preview(next, context.signal) })),
  );
}

/** A question to a peer is signed like a write, and so names the object as one; a new one gets a uid for the question. */
function signable({ next, live }: Change): Applicable<'Deployment'> {
  const { uid, generation } = live?.metadata ?? { uid: crypto.randomUUID(), generation: 0 };
  return { ...next, metadata: { ...next.metadata, uid, generation } } as Applicable<'Deployment'>;
}

/** Says what a peer would do, and answers the exit code that this means. */
export function reportPreview(
  context: Context,
  next: Applicable<'Deployment'>,
  { peer, refused }: Preview,
): number {
  if (!refused) {
    context.err.line(`${peer} would accept ${reference(next)}`);
    return ExitCode.Done;
  }
  const { exitCode, reason } = policyOf(refused);
  const verb = exitCode === ExitCode.PeerUnreachable ? 'cannot be asked about' : 'would refuse';
  context.fail(`${peer} ${verb} ${reference(next)}: ${reason}: ${refused.message}`);
  return exitCode;
}
