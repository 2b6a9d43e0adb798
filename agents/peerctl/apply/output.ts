import type { AnyObject } from '../../../api/v1alpha1/types.ts';
import type { Context } from '../context.ts';
import { toManifest } from '../manifest.ts';
import type { Printer } from '../printers/printer.ts';
import type { Change } from './plan.ts';

/** `deployment/web` */
export function reference({ kind, metadata }: { kind: string; metadata: { name: string } }): string {
  return `${kind.toLowerCase()}/${metadata.name}`;
}

/** `deployment/web created`, one line per object, words below each other. */
export function printOperations(
  context: Context,
  lines: readonly { name: string; word: string }[],
  suffix = '',
): void {
  const width = Math.max(0, ...lines.map(({ name }) => name.length));
  for (const { name, word } of lines) context.out.line(`${name.padEnd(width)} ${word}${suffix}`);
}

/** Changes as lines, or as the manifests they lead to. */
export function printChanges(
  context: Context,
  changes: readonly Change[],
  prunable: readonly AnyObject[],
  printer: Printer | undefined,
  suffix = '',
): void {
  if (printer) {
    const manifests = changes.map(({ next }) => toManifest(next) as unknown as AnyObject);
    context.out.write(printer(manifests, manifests.length !== 1));
    return;
  }
  const applied = changes.map(({ next, operation }) => ({ name: reference(next), word: operation }));
  const pruned = prunable.map((object) => ({ name: reference(object), word: 'pruned' }));
  printOperations(context, [...applied, ...pruned], suffix);
}
