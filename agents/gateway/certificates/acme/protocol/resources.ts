import type { RenewalWindow } from '../../schedule.ts';
import { type Json, listIn, member, optionalTextIn, textIn } from './json.ts';

/** Where a CA's resources are (RFC 8555, 7.1.1). */
export interface Directory {
  newNonce: string;
  newAccount: string;
  newOrder: string;
  /** Only where the CA has an opinion on when to renew (RFC 9773). */
  renewalInfo: string | undefined;
  termsOfService: string | undefined;
}

export interface Order {
  status: string;
  authorizations: string[];
  finalize: string;
  certificate: string | undefined;
  error: Json;
}

export interface Authorization {
  /** The name to be proven, without `*.`. */
  host: string;
  status: string;
  challenges: OfferedChallenge[];
}

export interface OfferedChallenge {
  type: string;
  url: string;
  status: string;
  token: string;
  error: Json;
}

/** RFC 8555, 8.1: base64url. It becomes part of a path and of a DNS record. */
const TOKEN = /^[A-Za-z0-9_-]{1,256}$/;

export function toDirectory(value: Json): Directory {
  return {
    newNonce: textIn(value, 'newNonce'),
    newAccount: textIn(value, 'newAccount'),
    newOrder: textIn(value, 'newOrder'),
    renewalInfo: optionalTextIn(value, 'renewalInfo'),
    termsOfService: optionalTextIn(member(value, 'meta'), 'termsOfService'),
  };
}

export function toOrder(value: Json): Order {
  return {
    status: textIn(value, 'status'),
    authorizations: listIn(value, 'authorizations').map(String),
    finalize: textIn(value, 'finalize'),
    certificate: optionalTextIn(value, 'certificate'),
    error: member(value, 'error'),
  };
}

export function toAuthorization(value: Json): Authorization {
  return {
    host: textIn(member(value, 'identifier'), 'value').toLowerCase(),
    status: textIn(value, 'status'),
    challenges: listIn(value, 'challenges').flatMap(toChallenge),
  };
}

/** Empty for kinds that have no token: they are not ours to answer. */
function toChallenge(value: Json): OfferedChallenge[] {
  const token = member(value, 'token');
  if (typeof token !== 'string' || !TOKEN.test(token)) return [];
  const [type, url, status] = [textIn(value, 'type'), textIn(value, 'url'), textIn(value, 'status')];
  return [{ type, url, status, token, error: member(value, 'error') }];
}

export function toRenewalWindow(value: Json): RenewalWindow {
  const window = member(value, 'suggestedWindow');
  const [start, end] = [Date.parse(textIn(window, 'start')), Date.parse(textIn(window, 'end'))];
  if (start <= end) return { start, end };
  throw new Error("the CA's renewal window ends before it starts");
}
