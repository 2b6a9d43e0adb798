import type { Kind } from '../../../api/kinds.ts';
import type { AnyObject } from '../../../api/v1alpha1/types.ts';
import { defineCommand } from '../command.ts';
import { ALL_NAMESPACES, NAMESPACE, OUTPUT, SELECTOR, WATCH } from '../common-flags.ts';
import type { Context } from '../context.ts';
import type { Values } from '../flags.ts';
import { objectTable } from '../printers/object-table.ts';
import { type Printer, printerFor } from '../printers/printer.ts';
import { parseQueries, type Query } from '../queries.ts';
import { find, type Scope, scopeOf } from '../resources.ts';

const flags = {
  ...NAMESPACE,
  ...ALL_NAMESPACES,
  ...SELECTOR,
  ...OUTPUT,
  ...WATCH,
  'sort-by': { type: 'string', value: 'PATH', help: 'sort by a field, such as .metadata.creationTimestamp' },
  'no-headers': { type: 'boolean', help: 'leave out the headings' },
} as const;

type GetFlags = Values<typeof flags>;

export const command = defineCommand({
  arguments: 'KIND|KIND/NAME|NAME|all [NAME...]',
  arity: { least: 1, most: Number.POSITIVE_INFINITY },
  complete: 'resource',
  description:
    'Kinds are deployments (deploy), trustedpeers (peers) and events (ev). A bare name or an id such as dep-7f3c9a2e41 is a Deployment.',
  examples: [
    'peerctl get deployments -w',
    'peerctl get all -A -o wide',
    'peerctl get deploy web -o yaml',
    "peerctl get deploy -o jsonpath='{.items[*].metadata.name}'",
  ],
  flags,
  async run(context, { flags, words }) {
    const queries = parseQueries(words);
    const printer = await printerFor(flags.output);
    if (flags.watch) return (await import('../watch.ts')).watch(context, queries, flags, printer);
    return list(context, queries, flags, printer);
  },
});

async function list(
  context: Context,
  queries: readonly Query[],
  flags: GetFlags,
  printer: Printer | undefined,
): Promise<number | undefined> {
  const store = await context.store();
  const scope = scopeOf(flags);
  const found = await Promise.all(queries.map((query) => find(store, query, scope)));
  const groups = await Promise.all(found.map(({ objects }) => sort(objects, flags['sort-by'])));
  const objects = groups.flat();
  const single = queries.length === 1 && queries[0]?.names.length === 1;
  if (printer && (objects.length > 0 || !single)) context.out.write(printer(objects, !single));
  else if (!printer) await printTables(context, queries, groups, flags);
  const [missing, ...more] = found.flatMap((result) => result.missing);
  for (const other of more) context.warn(other.message);
  if (missing) throw missing;
  if (objects.length === 0 && !printer) context.err.line(nothingFound(queries, scope));
  return undefined;
}

async function printTables(
  context: Context,
  queries: readonly Query[],
  groups: readonly AnyObject[][],
  flags: GetFlags,
): Promise<void> {
  const filled = groups.flatMap((objects, index) => {
    const kind = queries[index]?.kind;
    return kind && objects.length > 0 ? [{ kind, objects }] : [];
  });
  for (const [index, { kind, objects }] of filled.entries()) {
    const table = await objectTable(context, kind as Kind, objects, {
      wide: flags.output === 'wide',
      namespaces: flags['all-namespaces'],
      prefixed: queries.length > 1,
    });
    if (index > 0) context.out.line();
    const rows = table.rows(objects);
    context.out.write(flags['no-headers'] ? rows : table.heading() + rows);
  }
}

async function sort<T extends AnyObject>(objects: T[], path: string | undefined): Promise<T[]> {
  if (path === undefined) return objects;
  const { sortBy } = await import('../printers/sort-by.ts');
  return sortBy(objects, path);
}

function nothingFound(queries: readonly Query[], { namespace }: Scope): string {
  const cluster = queries.every(({ kind }) => kind === 'TrustedPeer');
  return `No resources found${cluster || namespace === undefined ? '' : ` in ${namespace} namespace`}.`;
}
