import { jest } from '@jest/globals';
import { sharedEngine } from '../../../../test/support/docker-engine.ts';
import { DockerSandbox } from '../../../../test/support/docker-sandbox.ts';
import { type Syscall, tryAll } from '../../../../test/support/docker-syscalls.ts';
import { until } from '../../../../test/support/eventually.ts';

const [EPERM, ENOSYS, EPROTONOSUPPORT] = [1, 38, 93];
const socket = (...args: (number | bigint)[]): Syscall => ({ number: 41, arguments: args });
const [STREAM, RAW, SEQPACKET] = [1, 3, 5];

const ALLOWED: Record<string, Syscall> = {
  getpid: { number: 39 },
  'socket of AF_UNIX': socket(1, STREAM, 0),
  'socket of AF_INET': socket(2, STREAM, 0),
  'socket of AF_NETLINK, ROUTE': socket(16, RAW, 0),
};

const REFUSED: Record<string, [Syscall, number]> = {
  'socket of AF_NETLINK, AUDIT': [socket(16, RAW, 9), EPROTONOSUPPORT],
  'socket of AF_NETLINK, NETFILTER': [socket(16, RAW, 12), EPROTONOSUPPORT],
  'socket of AF_NETLINK, hidden by high bits': [socket(0x1_0000_0010n, RAW, 12), EPERM],
  'socket of AF_PACKET': [socket(17, RAW, 0), EPERM],
  'socket of AF_ALG': [socket(38, SEQPACKET, 0), EPERM],
  'socket of AF_ALG, hidden by high bits': [socket(0x1_0000_0026n, SEQPACKET, 0), EPERM],
  'socket of AF_VSOCK': [socket(40, STREAM, 0), EPERM],
  'socket by the 32-bit socketcall': [{ number: 102, arguments: [1, 0], compat: true }, ENOSYS],
  io_uring_setup: [{ number: 425, arguments: [1, 0] }, ENOSYS],
  clone3: [{ number: 435 }, ENOSYS],
  'clone into a new user namespace': [{ number: 56, arguments: [0x1000_0011] }, EPERM],
  'unshare of the user namespace': [{ number: 272, arguments: [0x1000_0000] }, EPERM],
  mount: [{ number: 165 }, EPERM],
  bpf: [{ number: 321 }, EPERM],
  keyctl: [{ number: 250 }, EPERM],
  userfaultfd: [{ number: 323 }, EPERM],
  perf_event_open: [{ number: 298 }, EPERM],
  kexec_load: [{ number: 246 }, EPERM],
  open_by_handle_at: [{ number: 304 }, EPERM],
};

// The programs are machine code of x86-64.
const onX64 = process.arch === 'x64' ? describe : describe.skip;

onX64('the seccomp profile, from inside a container (x86-64 only)', () => {
  jest.setTimeout(60_000);
  let codes: number[];
  const tried = [...Object.values(ALLOWED), ...Object.values(REFUSED).map(([syscall]) => syscall)];

  beforeAll(async () => {
    const sandbox = new DockerSandbox(await sharedEngine());
    try {
      const { name } = await sandbox.run({ command: ['sh', '-c', tryAll(tried)] });
      codes = await until(
        async () => {
          const lines = (await sandbox.docker('logs', name)).split('\n').filter(Boolean);
          return lines.length === tried.length ? lines.map(Number) : undefined;
        },
        { timeoutMs: 20_000 },
      );
    } finally {
      await sandbox.cleanUp();
    }
  });

  test.each(Object.keys(ALLOWED).map((name, index) => [name, index] as const))('allows %s', (_, index) => {
    expect(codes[index]).toBeGreaterThan(128);
  });

  test.each(Object.entries(REFUSED).map(([name, [, errno]], index) => [name, errno, index] as const))(
    'refuses %s with errno %i',
    (_, errno, index) => {
      expect(codes[Object.keys(ALLOWED).length + index]).toBe(errno);
    },
  );
});
