import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kind } from '../../../api/kinds.ts';
import { formatKey, keyOf } from '../../../api/meta/object.ts';
import { isStatusError } from '../../../api/meta/status-error.ts';
import type { AnyObject } from '../../../api/v1alpha1/types.ts';
import { InvalidManifestError, parseManifests, toYaml } from '../../../api/yaml.ts';
import type { Applicable, Store } from '../../../controllers/ports/store.ts';
import type { Context } from '../context.ts';
import { CommandError } from '../errors.ts';
import { toManifest } from '../manifest.ts';
import { openEditor } from './editor.ts';

const HINT = 'Edit what follows, save and leave. An empty file, or one without a change, changes nothing.';

/**
 * Lets a person edit an object until it is valid, and stores it. What was typed is never lost: where it
 * cannot be stored, the error says in which file it is kept.
 * @returns undefined when nothing was changed.
 */
export async function editObject(
  context: Context,
  store: Store,
  object: AnyObject,
): Promise<AnyObject | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'peerctl-edit-'));
  const file = join(directory, `${object.metadata.name}.yaml`);
  const original = toYaml(toManifest(object));
  let text = original;
  for (let complaint = ''; ; ) {
    const typed = await ask(context, file, [complaint, HINT], text);
    const given = withoutComments(typed);
    const isUnchanged = given.trim() === '' || given === original;
    if (complaint !== '' && given === text) throw kept(file, complaint);
    text = given;
    const stored = isUnchanged ? undefined : await tryToStore(store, object, typed, file);
    if (typeof stored !== 'string') {
      await rm(directory, { recursive: true });
      return stored;
    }
    complaint = stored;
  }
}

async function ask(
  context: Context,
  file: string,
  comments: readonly string[],
  text: string,
): Promise<string> {
  const lines = comments.filter(Boolean).flatMap((comment) => comment.split('\n'));
  await writeFile(file, `${lines.map((line) => `# ${line}\n`).join('')}${text}`, { mode: 0o600 });
  try {
    await openEditor(context, file);
  } catch (error) {
    throw kept(file, (error as Error).message);
  }
  return readFile(file, 'utf8');
}

/** The stored object, or what the person has to mend first. */
async function tryToStore(
  store: Store,
  object: AnyObject,
  typed: string,
  file: string,
): Promise<AnyObject | string> {
  try {
    const manifest = onlyManifest(typed, object);
    const { labels = {}, annotations = {}, ...names } = manifest.metadata;
    const next = { ...manifest, metadata: { ...names, labels, annotations } } as Applicable<Kind>;
    return (await store.apply<Kind>(next, { resourceVersion: object.metadata.resourceVersion })).object;
  } catch (error) {
    if (error instanceof InvalidManifestError) return error.message;
    const changed = isStatusError(error, 'Conflict')
      ? 'it was changed or deleted meanwhile; edit it again'
      : '';
    throw kept(file, changed || (error as Error).message);
  }
}

function onlyManifest(text: string, object: AnyObject) {
  const file = `${object.metadata.name}.yaml`;
  const [first, ...more] = parseManifests(text, file);
  if (
    first &&
    more.length === 0 &&
    formatKey(keyOf(first.manifest)) === formatKey({ ...keyOf(object), owner: undefined })
  )
    return first.manifest;
  const message = 'kind, name and namespace cannot be edited, and there can be one document only';
  throw new InvalidManifestError([{ file, line: first?.line ?? 1, path: '', message }]);
}

function withoutComments(text: string): string {
  return text.replace(/^#.*\n?/gm, '');
}

function kept(file: string, why: string): CommandError {
  const problem = why.split('\n').join('; ');
  return new CommandError(`${problem}; nothing was changed, and your text is kept in ${file}`);
}
