import { StatusError } from '../../../api/meta/status-error.ts';
import { createLogger, type LogLevel } from './logger.ts';

function setup(level?: LogLevel) {
  const lines: Record<string, unknown>[] = [];
  const stream = { write: (line: string) => lines.push(JSON.parse(line)) };
  return { lines, logger: createLogger({ level, stream }) };
}

describe('createLogger', () => {
  it('writes one JSON object a line, with the fields of its parents', () => {
    const { lines, logger } = setup();
    logger
      .child({ controller: 'deployment' })
      .child({ name: 'web' })
      .info('Container started', { ordinal: 0 });
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        controller: 'deployment',
        name: 'web',
        ordinal: 0,
        msg: 'Container started',
      },
    ]);
  });

  it('leaves out what is below its level', () => {
    const { lines, logger } = setup('warn');
    for (const level of ['debug', 'info', 'warn', 'error'] as const) logger[level]('Something happened');
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'error']);
  });

  const refused = new StatusError('Forbidden', 'no more than 4 cpu', { cause: 'QuotaExceeded' });
  const failed = new Error('could not deliver', { cause: refused });

  it('says what went wrong and what caused it, without a stack', () => {
    const { lines, logger } = setup();
    logger.warn('Reconcile failed', { error: failed });
    expect(lines[0]?.error).toEqual({
      name: 'Error',
      message: 'could not deliver',
      cause: { name: 'StatusError', message: 'no more than 4 cpu', reason: 'Forbidden' },
    });
  });

  it('says where, to whoever debugs', () => {
    const { lines, logger } = setup('debug');
    logger.warn('Reconcile failed', { error: failed });
    expect(lines[0]?.error).toMatchObject({ stack: expect.stringContaining('logger.test.ts') });
  });

  it('writes whatever was thrown', () => {
    const { lines, logger } = setup();
    logger.warn('Reconcile failed', { error: 'just a string' });
    expect(lines[0]?.error).toBe('just a string');
  });
});
