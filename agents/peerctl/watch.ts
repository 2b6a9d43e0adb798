import type { Kind } from '../../api/kinds.ts';
import { formatKey, keyOf } from '../../api/meta/object.ts';
import type { AnyObject } from '../../api/v1alpha1/types.ts';
import type { WatchEvent } from '../../controllers/ports/store.ts';
import { loadAll } from '../adapters/store/later.ts';
import { anew } from './anew.ts';
import type { Context } from './context.ts';
import { CommandError, UsageError } from './errors.ts';
import { objectTable } from './printers/object-table.ts';
import type { Printer } from './printers/printer.ts';
import type { Query } from './queries.ts';
import { listOptions, objectID, scopeOf } from './resources.ts';

interface WatchFlags {
  namespace?: string | undefined;
  'all-namespaces'?: boolean;
  selector?: string | undefined;
  output?: string | undefined;
  'no-headers'?: boolean;
}

/** Prints one object, as it is now or as it was when it went. */
type Line = (object: AnyObject, deleted: boolean) => void;

/** Prints what there is and then every change, until Ctrl-C; ends in any other way only by an error. */
export async function watch(
  context: Context,
  queries: readonly Query[],
  flags: WatchFlags,
  printer: Printer | undefined,
  filter: (object: AnyObject) => boolean = () => true,
): Promise<undefined> {
  const [query, ...more] = queries;
  if (!query || more.length > 0) throw new UsageError('only one kind can be watched at a time');
  const store = await context.store();
  // An update may replace the files while it goes on.
  await loadAll();
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  const syncing = query.kind === 'Deployment' ? deliverMeanwhile(context, signal) : undefined;
  try {
    let line: Line | undefined;
    const start = async (first: readonly AnyObject[]) => {
      line ??= await begin(context, query, first, flags, printer);
      for (const object of first) line(object, false);
      return line;
    };
    await anew(() => {
      const events = store.watch(query.kind, { ...listOptions(query.kind, scopeOf(flags)), signal });
      return printEvents(events, (object) => isMeant(object, query) && filter(object), start);
    });
  } catch (error) {
    if (!context.signal.aborted) throw error;
  } finally {
    ended.abort();
    await syncing;
  }
  if (!context.signal.aborted) throw new CommandError('the watch ended by itself; start it again');
}

async function printEvents(
  events: AsyncIterable<WatchEvent<Kind>>,
  isShown: (object: AnyObject) => boolean,
  start: (first: readonly AnyObject[]) => Promise<Line>,
): Promise<void> {
  const first: AnyObject[] = [];
  let line: Line | undefined;
  for await (const event of events) {
    if (event.type === 'BOOKMARK') line ??= await start(first);
    else if (isShown(event.object)) {
      if (line) line(event.object, event.type === 'DELETED');
      else first.push(event.object);
    }
  }
}

function isMeant({ metadata }: AnyObject, { names }: Query): boolean {
  return names.length === 0 || names.includes(metadata.name) || names.includes(objectID(metadata.uid));
}

function begin(
  context: Context,
  query: Query,
  first: readonly AnyObject[],
  flags: WatchFlags,
  printer: Printer | undefined,
): Line | Promise<Line> {
  return printer ? documents(context, printer, flags) : tableLines(context, query, first, flags);
}

function documents(context: Context, printer: Printer, { output }: WatchFlags): Line {
  const separator = output === 'yaml' ? '---\n' : '';
  return (object) => context.out.write(separator + printer([object], false));
}

/** A row per change that shows: what moved only a resourceVersion or a heartbeat is not worth one. */
async function tableLines(
  context: Context,
  query: Query,
  first: readonly AnyObject[],
  flags: WatchFlags,
): Promise<Line> {
  const table = await objectTable(context, query.kind, first, {
    wide: flags.output === 'wide',
    namespaces: flags['all-namespaces'] ?? false,
    prefixed: false,
  });
  table.rows(first);
  let headed = flags['no-headers'] ?? false;
  const shown = new Map<string, string>();
  return (object, deleted) => {
    const key = formatKey(keyOf(object));
    const look = table.look(object, deleted);
    if (shown.get(key) === look) return;
    shown.set(key, look);
    const row = table.rows([object], deleted);
    context.out.write(headed ? row : table.heading() + row);
    headed = true;
  };
}

/** As long as somebody looks, specs that wait for a peer are delivered; that this fails does not end the looking. */
async function deliverMeanwhile(context: Context, signal: AbortSignal): Promise<void> {
  try {
    const { items } = await (await context.store()).list('Deployment', { owner: '' });
    if (items.length > 0) await (await context.session()).sync({ watch: true }, signal);
  } catch (error) {
    if (!signal.aborted) context.warn(`specs are not delivered meanwhile: ${(error as Error).message}`);
  }
}
