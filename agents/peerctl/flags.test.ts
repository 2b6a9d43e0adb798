import { UsageError } from './errors.ts';
import { type Flags, parseFlags } from './flags.ts';

const FLAGS = {
  output: { type: 'string', short: 'o', help: '' },
  namespace: { type: 'string', short: 'n', help: '' },
  watch: { type: 'boolean', short: 'w', help: '' },
  all: { type: 'boolean', short: 'A', help: '' },
  wait: { type: 'boolean', default: true, help: '' },
  replicas: { type: 'integer', help: '' },
  timeout: { type: 'duration', default: 1000, help: '' },
  env: { type: 'string', short: 'e', multiple: true, help: '' },
  'dry-run': { type: 'string', implied: 'client', choices: ['client', 'server'], help: '' },
  filename: { type: 'string', short: 'f', multiple: true, help: '' },
} as const satisfies Flags;

const DEFAULTS = {
  output: undefined,
  namespace: undefined,
  watch: false,
  all: false,
  wait: true,
  replicas: undefined,
  timeout: 1000,
  env: [],
  'dry-run': undefined,
  filename: [],
};

function problem(...args: string[]): string {
  try {
    parseFlags(args, FLAGS);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return '';
}

describe('parseFlags', () => {
  it.each([
    ['-o wide', { output: 'wide' }],
    ['-o=wide', { output: 'wide' }],
    ['-owide', { output: 'wide' }],
    ['--output wide', { output: 'wide' }],
    ['--output=wide', { output: 'wide' }],
    ['-wA', { watch: true, all: true }],
    ['-wo yaml', { watch: true, output: 'yaml' }],
    ['--wait=false', { wait: false }],
    ['--replicas 3', { replicas: 3 }],
    ['--timeout 90', { timeout: 90_000 }],
    ['--timeout 1h30m', { timeout: 5_400_000 }],
    ['--timeout=250ms', { timeout: 250 }],
    ['--timeout 1.5s', { timeout: 1500 }],
    ['-e A=1 --env B=x=y', { env: ['A=1', 'B=x=y'] }],
    ['--dry-run', { 'dry-run': 'client' }],
    ['--dry-run=server', { 'dry-run': 'server' }],
    ['-f -', { filename: ['-'] }],
    ['--output=-', { output: '-' }],
  ])('understands %s', (line, expected) => {
    expect(parseFlags(line.split(' '), FLAGS)).toEqual({
      flags: { ...DEFAULTS, ...expected },
      words: [],
      rest: [],
    });
  });

  it('tells words from flags, and leaves what follows -- alone', () => {
    expect(parseFlags(['get', '-w', 'deploy', '--', '-x', '--watch'], FLAGS)).toEqual({
      flags: { ...DEFAULTS, watch: true },
      words: ['get', 'deploy'],
      rest: ['-x', '--watch'],
    });
  });

  it.each([
    ['--outptu wide', 'unknown flag --outptu; did you mean --output?'],
    ['--zzzzzzzz', 'unknown flag --zzzzzzzz'],
    ['-x', 'unknown flag -x'],
    ['--__proto__=1', 'unknown flag --__proto__'],
    ['--constructor', 'unknown flag --constructor'],
    ['--namespace', 'flag --namespace needs a value: --namespace VALUE'],
    ['--namespace --watch', 'flag --namespace needs a value, but "--watch" follows'],
    ['--wait=maybe', 'flag --wait must be true or false, not "maybe"'],
    ['--replicas many', 'flag --replicas must be a whole number that is zero or more, not "many"'],
    ['--replicas -1', 'flag --replicas must be a whole number that is zero or more, not "-1"'],
    ['--replicas 1e3', 'flag --replicas must be a whole number that is zero or more, not "1e3"'],
    ['--timeout 5x', 'flag --timeout must be a duration such as 30s, 5m or 1h30m, not "5x"'],
    ['--timeout=', 'flag --timeout must be a duration such as 30s, 5m or 1h30m, not ""'],
    ['--dry-run=maybe', 'flag --dry-run must be client or server, not "maybe"'],
  ])('refuses %s', (line, message) => {
    expect(problem(...line.split(' '))).toContain(message);
  });
});
