import type { AnyObject, Event } from '../../../api/v1alpha1/types.ts';
import { defineCommand } from '../command.ts';
import { ALL_NAMESPACES, NAMESPACE, OUTPUT, WATCH } from '../common-flags.ts';
import { byTime, eventsOf } from '../events.ts';
import { objectTable } from '../printers/object-table.ts';
import { printerFor } from '../printers/printer.ts';
import { parseQueries } from '../queries.ts';
import { findAll, listOptions, scopeOf } from '../resources.ts';

export const command = defineCommand({
  arguments: '[NAME|KIND/NAME]',
  arity: { least: 0, most: 1 },
  complete: 'resource',
  description: 'Newest last. With a name, only the events about that object.',
  examples: ['peerctl events', 'peerctl events web', 'peerctl events -A -w'],
  flags: { ...NAMESPACE, ...ALL_NAMESPACES, ...OUTPUT, ...WATCH },
  async run(context, { flags, words }) {
    const printer = await printerFor(flags.output);
    const store = await context.store();
    const scope = scopeOf(flags);
    const [about] = words.length > 0 ? await findAll(store, parseQueries(words), scope) : [];
    if (flags.watch) {
      const { watch } = await import('../watch.ts');
      const isAbout = (event: AnyObject) =>
        !about || (event as Event).spec.regarding.uid === about.metadata.uid;
      return watch(context, [{ kind: 'Event', names: [] }], flags, printer, isAbout);
    }
    const events: Event[] = about
      ? await eventsOf(store, about)
      : byTime((await store.list('Event', listOptions('Event', scope))).items);
    if (printer) context.out.write(printer(events, true));
    else if (events.length === 0) context.err.line('No events found.');
    else {
      const options = { wide: flags.output === 'wide', namespaces: flags['all-namespaces'], prefixed: false };
      const table = await objectTable(context, 'Event', events, options);
      const rows = table.rows(events);
      context.out.write(table.heading() + rows);
    }
    return undefined;
  },
});
