import { LayerProgress, type ProgressMessage } from './pull-progress.ts';

function sums(messages: ProgressMessage[]): [number, number] {
  const progress = new LayerProgress();
  for (const message of messages) progress.add(message);
  return [progress.currentBytes, progress.totalBytes];
}

const downloading = (id: string, current: number, total: number): ProgressMessage => ({
  id,
  status: 'Downloading',
  progressDetail: { current, total },
});

describe('LayerProgress', () => {
  it('sums up the layers', () => {
    expect(sums([downloading('a', 1, 10), downloading('b', 2, 20), downloading('a', 5, 10)])).toEqual([
      7, 30,
    ]);
  });

  it('counts a layer whole when it is there, and does not count it again while it is unpacked', () => {
    const messages = [
      downloading('a', 1, 10),
      { id: 'a', status: 'Download complete', progressDetail: {} },
      { id: 'a', status: 'Extracting', progressDetail: { current: 3, total: 10 } },
    ];
    expect(sums(messages)).toEqual([10, 10]);
  });

  it('knows nothing before the first byte', () => {
    expect(
      sums([
        { status: 'Pulling from library/nginx', id: 'alpine' },
        { id: 'a', status: 'Waiting' },
      ]),
    ).toEqual([0, 0]);
  });

  it('tells whether something moved', () => {
    const progress = new LayerProgress();
    expect(progress.add({ id: 'a', status: 'Already exists' })).toBe(false);
    expect(progress.add(downloading('b', 1, 2))).toBe(true);
  });
});
