import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, uptime } from 'node:os';

/** Who a process is, so that another one can tell whether it still runs. */
export interface ProcessIdentity {
  pid: number;
  /** In clock ticks since boot, where /proc tells: the next process of this pid has another. */
  startTime?: string | undefined;
  /** pids of another namespace mean nothing here. */
  pidNamespace?: string | undefined;
  hostname: string;
  /** Changes with every boot of the machine. */
  bootID: string;
}

let identity: ProcessIdentity | undefined;

/** This process. */
export function thisProcess(): ProcessIdentity {
  identity ??= {
    pid: process.pid,
    startTime: processState(process.pid)?.startTime,
    pidNamespace: ask(() => readlinkSync('/proc/self/ns/pid')),
    hostname: hostname(),
    bootID: ask(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? bootMinute(),
  };
  return identity;
}

/** Whether it cannot run any more. What cannot be known from here counts as alive. */
export function isCertainlyDead(other: ProcessIdentity, me: ProcessIdentity): boolean {
  if (isSame(other, me)) return false; // Asked with every write: no need to look into /proc for ourselves.
  if (other.bootID !== me.bootID) return other.hostname === me.hostname; // It has been booted since.
  if (other.pidNamespace !== me.pidNamespace) return false;
  if (!exists(other.pid)) return true;
  const state = processState(other.pid);
  return state !== undefined && (state.zombie || state.startTime !== other.startTime);
}

function isSame(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return (
    a.pid === b.pid &&
    a.startTime === b.startTime &&
    a.pidNamespace === b.pidNamespace &&
    a.bootID === b.bootID
  );
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** From /proc/<pid>/stat (proc(5)): the name in parentheses may hold anything, so fields count from its end. */
function processState(pid: number): { zombie: boolean; startTime: string | undefined } | undefined {
  const text = ask(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields && { zombie: ['Z', 'X'].includes(fields[0] ?? ''), startTime: fields[19] };
}

/** Where no boot has an ID: a clock set by a minute only costs some revisions that are skipped. */
function bootMinute(): string {
  return String(Math.round((Date.now() / 1000 - uptime()) / 60));
}

/** What /proc tells, on systems that have it. */
function ask(look: () => string): string | undefined {
  try {
    return look();
  } catch {
    return undefined; // Not Linux, or /proc is hidden from us: the other checks must do.
  }
}
