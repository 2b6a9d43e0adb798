/** A system call to try: its number on x86-64 and its first three arguments. */
export interface Syscall {
  number: number;
  arguments?: readonly (number | bigint)[];
  /** By the 32-bit entry, which has numbers of its own. */
  compat?: boolean;
}

const BASE = 0x400000n;
const HEADERS = 64 + 56;

/**
 * An x86-64 Linux program that makes one system call and exits with its errno; with a code above 128 where it
 * succeeds. No compiler is needed where containers are tested.
 */
export function syscallProgram(syscall: Syscall): Buffer {
  const code = Buffer.concat([syscall.compat ? compatCode(syscall) : nativeCode(syscall), EXIT_WITH_ERRNO]);
  const size = BigInt(HEADERS + code.length);
  return Buffer.concat([
    Buffer.from('7f454c4602010100', 'hex'), // ELF, 64 bits, little-endian
    Buffer.alloc(8),
    half(2, 62), // executable, x86-64
    word(1),
    long(BASE + BigInt(HEADERS), 64n, 0n), // entry, program headers, no sections
    word(0),
    half(64, 56, 1, 0, 0, 0),
    word(1, 5), // one segment to load, readable and executable
    long(0n, BASE, BASE, size, size, 0x1000n),
    code,
  ]);
}

/** Prints on a line of its own what each program exits with. */
export function tryAll(syscalls: readonly Syscall[]): string {
  const programs = syscalls.map((syscall) => syscallProgram(syscall).toString('base64'));
  return `for p in ${programs.join(' ')}; do echo $p | base64 -d >/tmp/p && chmod +x /tmp/p && /tmp/p; echo $?; done`;
}

/** mov edi, eax after neg eax; mov eax, 60 (exit); syscall */
const EXIT_WITH_ERRNO = Buffer.from('f7d889c7b83c0000000f05', 'hex');

/** movabs rdi, rsi, rdx; mov eax; syscall */
function nativeCode({ number, arguments: [a = 0, b = 0, c = 0] = [] }: Syscall): Buffer {
  const load = [a, b, c].map((value, index) =>
    Buffer.concat([Buffer.from(['48bf', '48be', '48ba'][index] ?? '', 'hex'), long(BigInt(value))]),
  );
  return Buffer.concat([...load, Buffer.from('b8', 'hex'), word(number), Buffer.from('0f05', 'hex')]);
}

/** mov ebx, ecx, edx, eax; int 0x80 */
function compatCode({ number, arguments: [a = 0, b = 0, c = 0] = [] }: Syscall): Buffer {
  const load = [a, b, c, number].map((value, index) =>
    Buffer.concat([Buffer.from(['bb', 'b9', 'ba', 'b8'][index] ?? '', 'hex'), word(Number(value))]),
  );
  return Buffer.concat([...load, Buffer.from('cd80', 'hex')]);
}

function half(...values: number[]): Buffer {
  return Buffer.from(new Uint16Array(values).buffer);
}

function word(...values: number[]): Buffer {
  return Buffer.from(new Uint32Array(values).buffer);
}

function long(...values: bigint[]): Buffer {
  return Buffer.from(new BigUint64Array(values).buffer);
}
