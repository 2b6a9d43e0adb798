import { parseSelector } from '../../../api/meta/labels.ts';
import type { ApiObject } from '../../../api/meta/object.ts';
import { deployment } from '../../../test/support/objects.ts';
import { EventWindow } from './event-window.ts';

function object(name: string, revision: number, labels?: Record<string, string>): ApiObject {
  return deployment(name, {}, { resourceVersion: String(revision), ...(labels && { labels }) });
}

/** What a watcher would hear without waiting. */
async function heard(events: AsyncIterable<unknown>, abort: AbortController): Promise<unknown[]> {
  const all: unknown[] = [];
  setImmediate(() => abort.abort());
  for await (const event of events) all.push(event);
  return all;
}

describe('EventWindow', () => {
  const options = () => {
    const abort = new AbortController();
    return { abort, options: { signal: abort.signal } };
  };

  it('is expired for versions that it has dropped', async () => {
    const window = new EventWindow(0, 3);
    for (let revision = 1; revision <= 5; revision++)
      window.append({ type: 'ADDED', object: object('web', revision) }, revision);
    expect(() => window.resume('1', 5, options().options)).toThrow(
      expect.objectContaining({ reason: 'Expired' }),
    );
    const { abort, options: mine } = options();
    expect(await heard(window.resume('2', 5, mine), abort)).toHaveLength(3);
  });

  it('tells a reader that it has overtaken, and no other', async () => {
    const window = new EventWindow(0, 3);
    const slow = window.resume('0', 0, options().options);
    const waiting = slow.next();
    for (let revision = 1; revision <= 5; revision++)
      window.append({ type: 'ADDED', object: object('web', revision) }, revision);
    await expect(waiting).rejects.toMatchObject({ reason: 'Expired' });
    const { abort, options: mine } = options();
    expect(await heard(window.resume('4', 5, mine), abort)).toHaveLength(1);
  });

  it('tells every watcher to list again when history is lost', async () => {
    const window = new EventWindow(0);
    const waiting = window.resume('0', 0, options().options).next();
    window.expire(7);
    await expect(waiting).rejects.toMatchObject({ reason: 'Expired' });
    expect(() => window.resume('6', 9, options().options)).toThrow(
      expect.objectContaining({ reason: 'Expired' }),
    );
    const { abort, options: mine } = options();
    expect(await heard(window.resume('7', 9, mine), abort)).toEqual([]);
  });

  it('sends bookmarks to one whose selection is quiet, so that its version stays young', async () => {
    const window = new EventWindow(0);
    const { abort, options: mine } = options();
    const events = window.resume('0', 0, { ...mine, selector: parseSelector('tier=front') });
    for (let revision = 1; revision <= 2500; revision++)
      window.append({ type: 'MODIFIED', object: object('web', revision) }, revision);
    expect(await heard(events, abort)).toEqual([
      { type: 'BOOKMARK', resourceVersion: '1000' },
      { type: 'BOOKMARK', resourceVersion: '2000' },
    ]);
  });

  it('keeps no listener of a watch that has ended', async () => {
    const window = new EventWindow(0);
    const { abort, options: mine } = options();
    expect(await heard(window.resume('0', 0, mine), abort)).toEqual([]);
    window.append({ type: 'ADDED', object: object('web', 1) }, 1);
  });
});
