import { join, resolve } from 'node:path';
import type { Clock } from '../../controllers/ports/clock.ts';
import type { Store } from '../../controllers/ports/store.ts';
import { CommandError } from './errors.ts';
import { oneLine } from './printers/escape.ts';
import type { Session } from './session.ts';
import { type InputStream, type IOStreams, Output } from './streams.ts';

/** What a command gets from the process it runs in; a test gives its own. */
export interface Environment {
  streams: IOStreams;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Home directory of the user. */
  home: string;
  clock: Clock;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** The parts of the world that a command opens only when it needs them. */
export interface Components {
  /** Undefined where there is no state directory. */
  openStore(context: Context): Promise<Store | undefined>;
  openSession(context: Context): Promise<Session>;
}

/** All that a command works with. */
export interface Context extends Omit<Environment, 'streams'> {
  /** Data. */
  out: Output;
  /** Everything else. */
  err: Output;
  stdin: InputStream;
  stateDirectory: string;
  /** Private key of this state directory. */
  identityFile: string;
  /** Desired and observed state on this machine; opened when first asked for. @throws CommandError where there is none. */
  store(): Promise<Store>;
  storeIfAny(): Promise<Store | undefined>;
  /** The way to the peers; opened when first asked for, closed when the command ends. */
  session(): Promise<Session>;
  /** The same for another state directory. */
  at(stateDirectory: string | undefined): Context;
  /** A message beside the data: what did not fail but should be known. */
  warn(message: string): void;
  /** Why the command will not end with 0, when it goes on to say more. */
  fail(message: string): void;
}

export interface OpenContext {
  context: Context;
  close(): Promise<void>;
}

export function createContext(
  environment: Environment,
  { openStore, openSession }: Components,
  stateDir: string | undefined,
): OpenContext {
  const { streams, env, cwd, home } = environment;
  const stateDirectory = resolve(cwd, stateDir ?? (env.PEERCOMPUTE_HOME || join(home, '.peercompute')));
  const err = new Output(() => streams.stderr, env);
  let store: Promise<Store | undefined> | undefined;
  let session: Promise<Session> | undefined;
  const context: Context = {
    ...environment,
    out: new Output(() => streams.stdout, env),
    err,
    get stdin() {
      return streams.stdin;
    },
    stateDirectory,
    identityFile: join(stateDirectory, 'identity.pem'),
    storeIfAny: () => (store ??= openStore(context)),
    store: async () => (await context.storeIfAny()) ?? noStore(stateDirectory),
    session: () => (session ??= openSession(context)),
    at: (other) =>
      other === undefined ? context : createContext(environment, { openStore, openSession }, other).context,
    warn: (message) => err.control(`${err.style('warning:', 'yellow')} ${oneLine(message)}\n`),
    fail: (message) => err.control(`${err.style('error:', 'red')} ${oneLine(message)}\n`),
  };
  // A session that could not be opened has told the command so; here is nothing left to close.
  const close = async () => session?.then((opened) => opened.close()).catch(() => undefined);
  return { context, close };
}

function noStore(directory: string): never {
  throw new CommandError(
    `there is no state directory ${directory}: "peerctl init" creates it, --state-dir names another`,
  );
}
