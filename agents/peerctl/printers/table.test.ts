import { formatTable, Table } from './table.ts';

describe('formatTable', () => {
  it('lines columns up, with nothing behind the last', () => {
    const rows = [
      ['web', '2/2', 'Ready'],
      ['database', '0/1', ''],
    ];
    expect(formatTable(['NAME', 'READY', 'STATUS'], rows)).toBe(
      ['NAME       READY   STATUS', 'web        2/2     Ready', 'database   0/1', ''].join('\n'),
    );
  });

  it('leaves the headings out', () => {
    expect(formatTable(['NAME', 'A'], [['web', 'x']], false)).toBe('web   x\n');
  });

  it('keeps a hostile cell in its line and its column', () => {
    expect(formatTable(['A', 'B'], [['x\ny\x1b[2J', 'z']])).toBe(
      ['A           B', 'x\\ny\\e[2J   z', ''].join('\n'),
    );
  });
});

describe('Table', () => {
  it('grows with later rows and never shrinks', () => {
    const table = new Table(['NAME', 'AGE']);
    table.rows([['a-long-name', '1s']]);
    expect(table.rows([['web', '2s']])).toBe('web           2s\n');
  });
});
