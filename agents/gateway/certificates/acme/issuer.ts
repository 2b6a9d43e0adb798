import { createPrivateKey } from 'node:crypto';
import { onAbort, sleep } from '../../../../controllers/core/abort.ts';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Pair } from '../credential.ts';
import { signRequest } from '../x509/sign.ts';
import type { Account } from './account.ts';
import type { Budget } from './budget.ts';
import type { OrderBook, OrderRecord } from './order-book.ts';
import { checked, isFinal, isRefusal, OrderFailed, TooEarly } from './outcome.ts';
import type { Proof } from './proof.ts';
import type { AcmeClient, Timed } from './protocol/client.ts';
import type { Signer } from './protocol/jws.ts';
import { AcmeProblem, toProblem } from './protocol/problem.ts';
import type { Authorization, Order } from './protocol/resources.ts';
import type { Solver } from './solver.ts';
import type { Subject } from './subject.ts';

export interface IssuerComponents {
  clock: Clock;
  client: AcmeClient;
  account: Account;
  budget: Budget;
  orders: OrderBook;
  solver: Solver;
}

export interface Wish {
  subject: Subject;
  /** Proven by DNS. */
  byDns: boolean;
  /** How often in a row it has failed. */
  attempt: number;
  /** What is there already, as the CA calls it; undefined where it does not care. */
  replaces?: string | undefined;
  renewal: boolean;
}

/** How often a CA is asked how far it is: at least and at most, in milliseconds. */
const POLL_MS = { least: 500, most: 15_000 };

/** A CA that says for so long that it is about to; the order stays and is looked at again later. */
const PATIENCE_MS = 10 * 60_000;

/** What is being ordered when we stop: an answer that is not written down is an order too many. */
const LAST_WORDS_MS = 5_000;

/** Where the CA keeps an order. */
type PlacedOrder = OrderRecord & { url: string };

/** Obtains a certificate from a CA, from wherever an earlier attempt got to. */
export class Issuer {
  readonly #components: IssuerComponents;

  constructor(components: IssuerComponents) {
    this.#components = components;
  }

  /** Proves again what a CA may be looking at since before a restart. */
  async resume(): Promise<void> {
    const { orders, solver } = this.#components;
    for (const { proofs } of await orders.list()) await solver.answer(proofs);
  }

  /** Rejects with TooEarly, AcmeProblem, Unreachable or an Error of ours; what can be gone on with stays in the book. */
  async issue(wish: Wish, signal: AbortSignal): Promise<Pair> {
    const { account, orders } = this.#components;
    const found = await orders.find(wish.subject);
    const signer = await account.signer(signal);
    const record = await this.#place(wish, found, signer, signal);
    try {
      return await this.#fulfil(wish, record, signer, signal);
    } catch (error) {
      if (isFinal(error)) await this.#abandon(wish.subject);
      throw error;
    }
  }

  /** Once a certificate is kept, its order is not needed any more. */
  async close(subject: Subject): Promise<void> {
    const { orders, solver } = this.#components;
    const record = await orders.find(subject);
    if (!record) return;
    await solver.withdraw(record.proofs);
    orders.remove(subject);
  }

  async #place(
    wish: Wish,
    found: OrderRecord | undefined,
    signer: Signer,
    signal: AbortSignal,
  ): Promise<PlacedOrder> {
    if (found?.url !== undefined) return { ...found, url: found.url };
    const record = found ?? (await this.#begin(wish));
    const url = await this.#order(wish, signer, signal);
    return this.#components.orders.update({ ...record, url });
  }

  async #begin({ subject, renewal }: Wish): Promise<OrderRecord> {
    const { budget, orders } = this.#components;
    const refusal = budget.refusal(subject, renewal);
    if (refusal) throw new TooEarly(refusal.until, refusal.why);
    await budget.reserve(subject, renewal);
    return orders.begin(subject);
  }

  async #order({ subject, replaces }: Wish, signer: Signer, signal: AbortSignal): Promise<string> {
    const { client, account, clock } = this.#components;
    const lastWords = new AbortController();
    let cancel = () => {};
    const forget = onAbort(signal, () => {
      cancel = clock.after(LAST_WORDS_MS, () => lastWords.abort(signal.reason));
    });
    const place = (wanted: string | undefined) =>
      client.newOrder(signer, { names: subject.names, replaces: wanted }, lastWords.signal);
    try {
      // A CA may not know what we say it replaces: it was another's, or is replaced already.
      return await place(replaces).catch((error) => {
        if (replaces === undefined || !isRefusal(error)) throw error;
        return place(undefined);
      });
    } catch (error) {
      if (error instanceof AcmeProblem && error.type === 'accountDoesNotExist') await account.forget();
      await this.#abandon(subject);
      throw error;
    } finally {
      forget();
      cancel();
    }
  }

  async #abandon(subject: Subject): Promise<void> {
    await this.close(subject);
    await this.#components.budget.release(subject);
  }

  /** Each state of an order has its step (RFC 8555, 7.1.6). */
  async #fulfil(wish: Wish, record: PlacedOrder, signer: Signer, signal: AbortSignal): Promise<Pair> {
    const { client } = this.#components;
    const look = () => client.order(signer, record.url, signal);
    let order = (await look()).value;
    if (order.status === 'pending') {
      await this.#prove(wish, record, order, signer, signal);
      order = await this.#until(look, ({ status }) => status !== 'pending', signal);
    }
    if (order.status === 'ready') {
      const request = signRequest(wish.subject.names, createPrivateKey(record.key));
      await client.finalize(signer, order.finalize, request, signal);
      order = await this.#until(look, ({ status }) => status !== 'ready', signal);
    }
    if (order.status === 'processing')
      order = await this.#until(look, ({ status }) => status !== 'processing', signal);
    if (order.status !== 'valid' || order.certificate === undefined)
      throw await this.#verdict(order, signer, signal);
    const pair = { chain: await client.download(signer, order.certificate, signal), key: record.key };
    return checked(pair, wish.subject);
  }

  /** Convinces the CA of every name that it does not believe us yet. */
  async #prove(
    wish: Wish,
    record: PlacedOrder,
    order: Order,
    signer: Signer,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, orders, solver } = this.#components;
    const read = async (url: string) => ({ url, ...(await client.authorization(signer, url, signal)).value });
    const open = (await Promise.all(order.authorizations.map(read))).filter(
      ({ status }) => status === 'pending',
    );
    const steps = open.map((authorization) => {
      // One that the CA is looking at already cannot be exchanged for another.
      const known = record.proofs.find(({ url }) => authorization.challenges.some((one) => one.url === url));
      return { authorization, proof: known ?? solver.choose(authorization, signer, wish) };
    });
    const proofs = steps.map(({ proof }) => proof);
    await orders.update({ ...record, proofs });
    await solver.present(proofs, signal);
    for (const { authorization, proof } of steps)
      if (authorization.challenges.some(({ url, status }) => url === proof.url && status === 'pending'))
        await client.accept(signer, proof.url, signal);
    const convinced = steps.map(({ authorization, proof }) =>
      this.#convinced(authorization.url, proof, signer, signal),
    );
    for (const result of await Promise.allSettled(convinced))
      if (result.status === 'rejected') throw result.reason;
  }

  async #convinced(url: string, { host }: Proof, signer: Signer, signal: AbortSignal): Promise<void> {
    const { client, budget } = this.#components;
    const look = () => client.authorization(signer, url, signal);
    const authorization = await this.#until(look, ({ status }) => status !== 'pending', signal);
    if (authorization.status === 'valid') return;
    await budget.failed(host);
    throw whyNot(authorization);
  }

  /** Why an order is invalid: mostly it is one of its authorizations that knows. */
  async #verdict(order: Order, signer: Signer, signal: AbortSignal): Promise<OrderFailed> {
    const { client, budget } = this.#components;
    for (const url of order.authorizations) {
      const authorization = (await client.authorization(signer, url, signal)).value;
      if (authorization.status !== 'invalid') continue;
      await budget.failed(authorization.host);
      return whyNot(authorization);
    }
    return new OrderFailed(toProblem(order.error, 0));
  }

  /** Looks until it is so, as often as the CA likes. */
  async #until<T extends Order | Authorization>(
    look: () => Promise<Timed<T>>,
    isSo: (value: T) => boolean,
    signal: AbortSignal,
  ): Promise<T> {
    const { clock } = this.#components;
    const end = clock.now() + PATIENCE_MS;
    for (let pause = POLL_MS.least; ; pause *= 2) {
      const { value, retryAfterMs } = await look();
      if (isSo(value)) return value;
      if (clock.now() >= end) throw new Error(`the CA has not decided for ${PATIENCE_MS / 60_000} minutes`);
      const wanted = Math.max(retryAfterMs ?? pause, POLL_MS.least);
      await sleep(clock, Math.min(wanted, POLL_MS.most), signal);
      signal.throwIfAborted();
    }
  }
}

function whyNot({ challenges }: Authorization): OrderFailed {
  const failed = challenges.find(({ error }) => error !== undefined);
  return new OrderFailed(toProblem(failed?.error, 0), failed?.type);
}
