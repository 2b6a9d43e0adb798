import type { FileSystem } from '../../agents/adapters/store/file-system.ts';
import { failure } from './store-simulated-disk.ts';

type Call = Exclude<keyof FileSystem, 'now'>;

/** What happens to a system call: undefined lets it through. */
export type Fault = (
  call: Call,
  count: number,
  /** Its first argument. */
  file: string | number,
) => 'short' | NodeJS.ErrnoException | undefined;

const CALLS = [
  'stat',
  'readText',
  'readBytes',
  'readDirectory',
  'open',
  'write',
  'statOpen',
  'sync',
  'close',
  'rename',
  'link',
  'unlink',
  'makeDirectory',
] as const satisfies readonly Call[];

/** Calls that may change the disk. */
export const CHANGES: readonly Call[] = [
  'open',
  'write',
  'sync',
  'rename',
  'link',
  'unlink',
  'makeDirectory',
];

/** Which calls can fail with which error. */
export const POSSIBLE: Record<string, readonly Call[]> = {
  EIO: [
    'stat',
    'readText',
    'readBytes',
    'readDirectory',
    'open',
    'write',
    'sync',
    'rename',
    'link',
    'unlink',
    'makeDirectory',
  ],
  ENOSPC: ['open', 'write', 'sync', 'rename', 'link', 'makeDirectory'],
  short: ['write'],
  EMFILE: ['readText', 'readBytes', 'readDirectory', 'open'],
};

/** A file system some of whose calls fail. Calls are counted from 1. */
export function withFaults(fileSystem: FileSystem, fault: Fault): FileSystem {
  let count = 0;
  const faulty = Object.fromEntries(
    CALLS.map((call) => [
      call,
      (...args: never[]) => {
        const [path] = args as unknown as [string | number];
        const outcome = fault(call, ++count, path);
        const go = fileSystem[call] as (...inner: never[]) => unknown;
        if (outcome === undefined) return go.apply(fileSystem, args);
        if (outcome === 'short') return shortWrite(fileSystem, ...(args as unknown as [number, Uint8Array]));
        if (typeof path === 'string') outcome.path = path;
        if (call === 'sync') return Promise.reject(outcome);
        throw outcome;
      },
    ]),
  );
  return { ...(faulty as unknown as FileSystem), now: () => fileSystem.now() };
}

/** The power is gone when the `nth` change is about to be made: nothing happens from there on. */
export function powerLostAt(
  fileSystem: FileSystem,
  nth: number,
): { fileSystem: FileSystem; lost: () => boolean } {
  let changes = 0;
  const isChange = (call: Call) => CHANGES.includes(call);
  const fault: Fault = (call) => {
    if (isChange(call)) changes += 1;
    return changes >= nth ? failure('EIO', call) : undefined;
  };
  return { fileSystem: withFaults(fileSystem, fault), lost: () => changes >= nth };
}

function shortWrite(fileSystem: FileSystem, fd: number, bytes: Uint8Array): number {
  return fileSystem.write(fd, bytes.subarray(0, Math.floor(bytes.length / 2)));
}
