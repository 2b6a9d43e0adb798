import { defineCommand } from '../command.ts';
import { NAMESPACE, SELECTOR } from '../common-flags.ts';
import { UsageError } from '../errors.ts';
import { parseQueries } from '../queries.ts';
import { scopeOf } from '../resources.ts';
import { parseGoal } from '../wait/goal.ts';
import { waitFor } from '../wait/wait.ts';

export const command = defineCommand({
  arguments: 'NAME|KIND/NAME...',
  arity: { least: 1, most: Number.POSITIVE_INFINITY },
  complete: 'resource',
  description: [
    'Ends with 0 when the condition holds of every object named, with 3 when the time is over, and at once when it can no',
    'longer come true by itself.',
  ].join('\n'),
  examples: [
    'peerctl wait web --for=condition=Ready --timeout 2m',
    'peerctl wait deployment/web --for=delete',
    "peerctl wait web --for=jsonpath='{.status.readyReplicas}'=2",
    'peerctl wait peer/alice --for=condition=Connected',
  ],
  flags: {
    for: {
      type: 'string',
      value: 'GOAL',
      help: 'condition=TYPE[=STATUS], delete, or jsonpath=PATH=VALUE',
    },
    ...NAMESPACE,
    ...SELECTOR,
    timeout: { type: 'duration', value: 'DURATION', default: 30_000, help: 'how long to wait' },
  },
  async run(context, { flags, words }) {
    if (flags.for === undefined) throw new UsageError('say what to wait for: --for=condition=Ready');
    return waitFor(context, parseQueries(words), scopeOf(flags), parseGoal(flags.for), flags.timeout);
  },
});
