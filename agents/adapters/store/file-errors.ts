import { StatusError } from '../../../api/meta/status-error.ts';

/** What a person can do about it, by the code of the system call's error. */
const REMEDIES: Record<string, string> = {
  ENOSPC: 'the disk is full; free some space',
  EDQUOT: 'the disk quota is used up; free some space',
  EMFILE: 'this process has too many open files; it will be tried again',
  ENFILE: 'this machine has too many open files; it will be tried again',
  EIO: 'the disk reported an error; check it',
  EROFS: 'the file system is read-only; mount it writable',
  EACCES: 'permission denied; check who owns the state directory',
  EPERM:
    'operation not permitted; check who owns the state directory and that its file system has hard links',
};

/** Whether an error says that there is no such file, or no directory that it could be in. */
export function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '');
}

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/** Runs `work` on a file; an error that does not know its file, as those of descriptors do not, learns it. */
export function onFile<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw named(path, error);
  }
}

/** The error of a system call, with the file it was about. */
export function named(path: string, error: unknown): unknown {
  const failure = error as NodeJS.ErrnoException;
  if (failure.code !== undefined) failure.path ??= path;
  return failure;
}

/** A failure of a system call as a Store reports it: which file, why, and what to do. */
export function toStatusError(error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined || error instanceof StatusError) return error;
  const { path, syscall } = error as NodeJS.ErrnoException;
  const why = REMEDIES[code] ?? 'unexpected';
  const message = `${path ?? 'state directory'}: ${syscall ?? 'system call'} failed with ${code}: ${why}`;
  return new StatusError(code in REMEDIES ? 'ServiceUnavailable' : 'InternalError', message);
}

/** Runs `work` for a caller of the Store, who is told of failures in its words. */
export async function reported<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStatusError(error);
  }
}
