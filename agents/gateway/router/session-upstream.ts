import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { SESSION } from '../../../api/protocol/tunnel-target.ts';
import { rendezvous } from '../../../controllers/core/rendezvous.ts';
import type { Upstream } from '../ingress/http1/upstream.ts';
import type { TunnelUpstream } from './upstreams.ts';

const COOKIE = 'peercompute-session';

/** A visitor is shown its cookie again by its own browser alone, for as long as that runs. */
const ATTRIBUTES = 'Path=/; HttpOnly; Secure; SameSite=Lax';

const BYTES = 16;

/** The session that a Cookie header tells of; undefined where it tells of none that a gateway could have made. */
export function sessionIn(cookies: string | undefined): string | undefined {
  for (const cookie of cookies?.split(/[;,]/) ?? []) {
    const [name = '', value = ''] = cookie.split('=');
    if (name.trim() === COOKIE && SESSION.test(value.trim())) return value.trim();
  }
  return undefined;
}

/**
 * Where a visitor goes who is to stay with one replica: by the session that it shows, or else where the request before on
 * its connection went, or else by a session that is made for it.
 */
export function stayingWith(
  candidates: readonly TunnelUpstream[],
  current: Upstream | undefined,
  shown: string | undefined,
): SessionUpstream | undefined {
  if (shown === undefined && current instanceof SessionUpstream && candidates.includes(current.inner))
    return current;
  const session = shown ?? randomBytes(BYTES).toString('base64url');
  const inner = rendezvous(session, candidates, ({ key }) => key);
  return inner && new SessionUpstream(inner, { session, isNew: shown === undefined });
}

/** The replica of one visitor behind a provider's tunnel. */
export class SessionUpstream implements Upstream {
  readonly inner: TunnelUpstream;
  readonly key: string;
  readonly setCookie: string | undefined;
  readonly #session: string;

  constructor(inner: TunnelUpstream, { session, isNew }: { session: string; isNew: boolean }) {
    this.inner = inner;
    this.key = `${inner.key} ${session}`;
    this.setCookie = isNew ? `${COOKIE}=${session}; ${ATTRIBUTES}` : undefined;
    this.#session = session;
  }

  get name(): string {
    return this.inner.name;
  }

  get protocol(): Upstream['protocol'] {
    return this.inner.protocol;
  }

  open(signal: AbortSignal): Promise<Duplex> {
    return this.inner.open(signal, this.#session);
  }
}
