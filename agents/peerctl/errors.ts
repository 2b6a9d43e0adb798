import type { InvalidManifestError } from '../../api/yaml.ts';
import { ExitCode, policyOf } from '../../controllers/core/error-policy.ts';

export { ExitCode };

/** 128 + SIGINT, as shells count. */
export const INTERRUPTED = 130;

/** A failure that a person is told about in a line or two; the message ends with the next step. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = ExitCode.Failed) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

/** A command line that cannot be meant. */
export class UsageError extends CommandError {
  constructor(message: string) {
    super(message, ExitCode.Usage);
    this.name = 'UsageError';
  }
}

/** What a command ends with that failed of `error`. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  if (isInvalidManifest(error)) return ExitCode.Usage;
  return policyOf(error).exitCode;
}

/** What a person is told: one line per mistake, never a stack trace. */
export function errorLines(error: unknown): string[] {
  if (isInvalidManifest(error))
    return error.errors.map(
      ({ file, line, path, message }) => `${file}:${line}: ${path ? `${path}: ` : ''}${message}`,
    );
  const message = error instanceof Error ? error.message : String(error);
  return [message || 'failed without saying why'];
}

/** By its name: the class itself would load the YAML parser and every schema. */
function isInvalidManifest(error: unknown): error is InvalidManifestError {
  return error instanceof Error && error.name === 'InvalidManifestError';
}
