import type { Guard } from '../access/guard.ts';
import type { VisitorLimits } from '../access/visitor-limits.ts';
import { type ClientAddress, clientAddress } from './http1/forwarded.ts';
import { Field } from './http1/head/fields.ts';
import type { Refusal, Route } from './http1/upstream.ts';

interface Components {
  /** The access rules of a host name. */
  guardOf(host: string): Guard | undefined;
  limits: VisitorLimits;
  /** Where those go who are let in. */
  route: Route;
}

const TOO_MANY: Refusal = { status: 429, reason: 'too many requests', retryAfterSeconds: 1 };

/** Lets a client's requests in, as far as the limits of the gateway and the rules of the host name allow. */
export function entrance({ guardOf, limits, route }: Components, client: ClientAddress): Route {
  return (head, current) => {
    const address = clientAddress(client, head.lines);
    if (!limits.takesRequest(address, head.hostname)) return TOO_MANY;
    const guard = guardOf(head.hostname);
    if (!guard) return route(head, current);
    const authorization = head.lines.valueOf(Field.authorization);
    const refusal = guard.check({ address, authorization });
    if (refusal instanceof Promise) return refusal.then((found) => found ?? route(head, current));
    return refusal ?? route(head, current);
  };
}
