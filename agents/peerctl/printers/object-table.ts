import type { Kind } from '../../../api/kinds.ts';
import type { AnyObject, ObjectOf } from '../../../api/v1alpha1/types.ts';
import type { Context } from '../context.ts';
import { shortID } from './column.ts';
import { type ColumnOptions, columnsOf } from './columns.ts';
import { Table } from './table.ts';

export interface ObjectTable {
  heading(): string;
  rows(objects: readonly AnyObject[], deleted?: boolean): string;
  /** What a row says apart from the time of day: equal looks need no second row. */
  look(object: AnyObject, deleted: boolean): string;
}

/** A table for objects of one kind; `first` are those known so far, which decide whether owners are shown. */
export async function objectTable(
  context: Context,
  kind: Kind,
  first: readonly AnyObject[],
  options: Omit<ColumnOptions, 'owners'>,
): Promise<ObjectTable> {
  const owners = first.some(({ metadata }) => metadata.owner !== undefined);
  const nameOf = owners ? await peerNames(context) : shortID;
  const columns = columnsOf(kind, { ...options, owners });
  const table = new Table(columns.map(({ name }) => name));
  const cells = (object: AnyObject, deleted: boolean, now: number) =>
    columns.map(({ value }) => value(object as ObjectOf<typeof kind>, { now, nameOf, deleted }));
  return {
    heading: () => table.heading(),
    rows: (objects, deleted = false) =>
      table.rows(objects.map((object) => cells(object, deleted, context.clock.now()))),
    look: (object, deleted) => JSON.stringify(cells(object, deleted, 0)),
  };
}

async function peerNames(context: Context): Promise<(peerID: string) => string> {
  const { items } = await (await context.store()).list('TrustedPeer');
  const names = new Map(items.map(({ spec, metadata }) => [spec.peerID, metadata.name]));
  return (peerID) => names.get(peerID) ?? shortID(peerID);
}
