import { keyOf } from '../../../api/meta/object.ts';
import { printOperations, reference } from '../apply/output.ts';
import { refuseForeign } from '../change.ts';
import { defineCommand } from '../command.ts';
import { FOLLOW, NAMESPACE } from '../common-flags.ts';
import { UsageError } from '../errors.ts';
import { follow } from '../follow/follow.ts';
import { parseQueries } from '../queries.ts';
import { findAll, scopeOf } from '../resources.ts';

export const command = defineCommand({
  arguments: 'NAME|KIND/NAME|KIND NAME',
  arity: { least: 1, most: 2 },
  complete: 'resource',
  description:
    'Opens $VISUAL, $EDITOR or vi, again if there is a mistake in what was typed, and applies the result.',
  examples: ['peerctl edit web', 'EDITOR=nano peerctl edit peer/alice'],
  flags: { ...NAMESPACE, ...FOLLOW },
  async run(context, { flags, words }) {
    const store = await context.store();
    const [object, ...more] = await findAll(store, parseQueries(words), scopeOf(flags));
    if (!object || more.length > 0) throw new UsageError('name one object to edit');
    if (object.kind === 'Event') throw new UsageError('events are written by machines and cannot be edited');
    refuseForeign(object);
    const { editObject } = await import('../edit/edit.ts');
    const edited = await editObject(context, store, object);
    printOperations(context, [{ name: reference(object), word: edited ? 'edited' : 'unchanged' }]);
    return follow(context, edited?.kind === 'Deployment' ? [keyOf(edited)] : [], flags);
  },
});
