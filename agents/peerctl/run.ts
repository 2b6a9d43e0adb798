import type { Command } from './command.ts';
import { type Components, createContext, type Environment } from './context.ts';
import { type Call, findCommand, helpOn } from './dispatch.ts';
import { ExitCode, errorLines, exitCodeOf, INTERRUPTED, UsageError } from './errors.ts';
import { GLOBAL_FLAGS, parseFlags } from './flags.ts';
import { oneLine } from './printers/escape.ts';
import { Output } from './streams.ts';

/** Runs one command line and answers its exit code. Never rejects. */
export async function run(
  args: readonly string[],
  environment: Environment,
  components: Components,
): Promise<number> {
  let call: Call | undefined;
  try {
    call = findCommand(args);
    return await runCall(call, environment, components);
  } catch (error) {
    if (environment.signal.aborted) return INTERRUPTED;
    reportError(error, new Output(() => environment.streams.stderr, environment.env), call);
    return exitCodeOf(error);
  }
}

async function runCall(call: Call, environment: Environment, components: Components): Promise<number> {
  const command = await call.entry?.load?.();
  const parsed = parseFlags(call.args, { ...GLOBAL_FLAGS, ...command?.flags });
  if (!command || parsed.flags.help) {
    new Output(() => environment.streams.stdout, environment.env).write(await helpOn(call));
    return ExitCode.Done;
  }
  checkArity(command, parsed.words, call.path);
  const { context, close } = createContext(environment, components, parsed.flags['state-dir']);
  try {
    return (await command.run(context, parsed)) ?? ExitCode.Done;
  } finally {
    await close();
  }
}

function checkArity(command: Command, words: readonly string[], path: readonly string[]): void {
  const { least, most } = command.arity ?? { least: 0, most: 0 };
  if (words.length < least) throw new UsageError(`${path.join(' ')} needs ${command.arguments}`);
  const extra = words[most];
  if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"`);
}

function reportError(error: unknown, err: Output, call: Call | undefined): void {
  for (const line of errorLines(error)) err.control(`${err.style('error:', 'red')} ${oneLine(line)}\n`);
  if (error instanceof UsageError)
    err.line(`"${['peerctl', ...(call?.path ?? []), '--help'].join(' ')}" shows the usage.`);
}
