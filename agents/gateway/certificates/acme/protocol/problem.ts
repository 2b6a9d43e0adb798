import { foreign } from '../../wording.ts';
import { type Json, member } from './json.ts';

const PREFIX = 'urn:ietf:params:acme:error:';

/** The CA's judgement (RFC 7807; RFC 8555, 6.7). Its words are bounded and escaped. */
export class AcmeProblem extends Error {
  override readonly name = 'AcmeProblem';
  /** Such as `rateLimited`; empty where the CA gave none of ACME's. */
  readonly type: string;
  readonly status: number;
  /** How long the CA asks to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor({ type, detail, status, retryAfterMs }: ProblemInit) {
    const kind = type.startsWith(PREFIX) ? type.slice(PREFIX.length) : '';
    super([kind, detail].filter(Boolean).map(foreign).join(': ') || nothingSaid(status));
    this.type = kind;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

function nothingSaid(status: number): string {
  return status === 0 ? 'the CA gave no reason' : `the CA answered with HTTP status ${status}`;
}

interface ProblemInit {
  type: string;
  detail: string;
  status: number;
  retryAfterMs?: number | undefined;
}

/** @param problem as it stands in an answer, or in an order or challenge that failed. */
export function toProblem(problem: Json, status: number, retryAfterMs?: number): AcmeProblem {
  const text = (name: string) => {
    const value = member(problem, name);
    return typeof value === 'string' ? value : '';
  };
  return new AcmeProblem({ type: text('type'), detail: text('detail'), status, retryAfterMs });
}
