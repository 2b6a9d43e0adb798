import { type Pair, toCredential } from '../credential.ts';
import { messageOf, timeOf } from '../wording.ts';
import { AcmeProblem } from './protocol/problem.ts';
import type { Subject } from './subject.ts';

/** Nothing was wrong: it is only too early. */
export class TooEarly extends Error {
  override readonly name = 'TooEarly';
  readonly until: number;

  constructor(until: number, why: string) {
    super(`${why}: the next is ordered at ${timeOf(until)}`);
    this.until = until;
  }
}

/** The CA has judged: this order will never be fulfilled. */
export class OrderFailed extends Error {
  override readonly name = 'OrderFailed';

  constructor(problem: AcmeProblem, challenge?: string) {
    super(challenge ? `${challenge} failed: ${problem.message}` : problem.message, { cause: problem });
  }
}

/** Whether an order cannot be gone on with: it failed, or the CA does not know or like it. */
export function isFinal(error: unknown): boolean {
  return error instanceof OrderFailed || isRefusal(error);
}

/** Rate limits are no judgement, and a server's failure is none either. */
export function isRefusal(error: unknown): boolean {
  return error instanceof AcmeProblem && error.status >= 400 && error.status < 500 && error.status !== 429;
}

/** @throws OrderFailed when the CA's certificate is not the one that was asked for. */
export function checked(pair: Pair, { names }: Subject): Pair {
  const problem = problemOf(pair, names);
  if (problem === undefined) return pair;
  throw new OrderFailed(new AcmeProblem({ type: '', detail: problem, status: 0 }));
}

function problemOf(pair: Pair, wanted: readonly string[]): string | undefined {
  try {
    const { names } = toCredential(pair);
    const missing = wanted.filter((name) => !names.includes(name));
    return missing.length > 0 ? `its certificate does not name ${missing.join(' and ')}` : undefined;
  } catch (error) {
    return `its certificate cannot be used: ${messageOf(error)}`;
  }
}
