import { SimulatedDisk } from '../../../test/support/store-simulated-disk.ts';
import { Journal, type JournalEntry } from './journal.ts';

const START = { revision: 0, ino: 0, offset: 0 };

function entry(revision: number, note = ''): JournalEntry {
  return { revision, lock: 'lock', type: 'MODIFIED', key: `Deployment//default/web${note}` };
}

describe('Journal', () => {
  const open = (disk: SimulatedDisk, boot = 'boot') =>
    new Journal({ fileSystem: disk }, { path: '/journal', boot });
  const revisions = (journal: Journal, position = START) =>
    journal.read(position)?.entries.map(({ revision }) => revision);

  it('tells what was written after a position, from any process', () => {
    const disk = new SimulatedDisk();
    const [one, other] = [open(disk), open(disk)];
    one.restart(0);
    one.append(entry(1));
    other.append(entry(2));
    const read = one.read(START);
    expect(read?.entries).toEqual([entry(1), entry(2)]);
    other.append(entry(3));
    expect(revisions(one, read?.position)).toEqual([3]);
    expect([one.lastRevision(), other.lastRevision()]).toEqual([3, 3]);
  });

  it('does not read a line that is still being written', () => {
    const disk = new SimulatedDisk();
    const journal = open(disk);
    journal.restart(0);
    journal.append(entry(1));
    const bytes = disk.files().get('/journal') as Buffer;
    disk.corrupt('/journal', Buffer.concat([bytes, Buffer.from('{"sha256":"')]));
    expect(revisions(journal)).toEqual([1]);
  });

  it('means nothing after a boot', () => {
    const disk = new SimulatedDisk();
    open(disk, 'first').restart(0);
    open(disk, 'first').append(entry(1));
    const later = open(disk, 'second');
    expect(later.lastRevision()).toBeUndefined();
    expect(revisions(later)).toEqual([]);
  });

  it('says so when what was asked for is no longer known', () => {
    const disk = new SimulatedDisk();
    const journal = open(disk);
    journal.restart(100);
    journal.append(entry(101));
    expect(journal.read({ ...START, revision: 99 })).toBeUndefined();
    expect(revisions(journal, { ...START, revision: 100 })).toEqual([101]);
  });

  it('drops its older half when it has grown, and readers of the younger one notice nothing', () => {
    const disk = new SimulatedDisk();
    const journal = open(disk);
    journal.restart(0);
    const long = 'x'.repeat(64 * 1024);
    for (let revision = 1; revision <= 60; revision++) journal.append(entry(revision, long));
    const position = journal.read({ ...START, revision: 55 })?.position;
    for (let revision = 61; revision <= 70; revision++) journal.append(entry(revision, long));
    expect(disk.stat('/journal')?.size).toBeLessThan(4 * 1024 * 1024);
    expect(revisions(open(disk), position)).toEqual([61, 62, 63, 64, 65, 66, 67, 68, 69, 70]);
    expect(journal.read(START)).toBeUndefined();
    expect(open(disk).lastRevision()).toBe(70);
  });
});
