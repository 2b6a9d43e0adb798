/** `[registry/]repository[:tag][@digest]`, with Docker's defaults made explicit. */
export interface ImageReference {
  /** `docker.io` when not written. */
  registry: string;
  /** `library/nginx` for `nginx`. */
  repository: string;
  /** `latest` when neither tag nor digest is written. */
  tag?: string;
  digest?: string;
}

const HOST =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/;
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * Parses as Docker does (distribution/reference): the first component is a registry when it has a
 * dot or a port, or is `localhost`.
 * @throws RangeError saying which part is wrong.
 */
export function parseImageReference(text: string): ImageReference {
  if (text.length > 512) throw new RangeError('an image reference has at most 512 characters');
  const [named = '', digest, ...more] = text.split('@');
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest)))
    throw problem(text, 'what follows "@" must be sha256: and 64 hex digits');
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !TAG.test(tag))
    throw problem(text, 'the tag may hold letters, digits, "_", "." and "-"');
  return {
    ...parseName(hasTag ? named.slice(0, colon) : named, text),
    tag: tag ?? (digest ? undefined : 'latest'),
    digest,
  };
}

/** The full spelling: `docker.io/library/nginx:alpine`. */
export function formatImageReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
}

/**
 * Whether a grant's pattern covers an image. `*` stands for one or more whole path components at the
 * end (`ghcr.io/alice/*`) or, alone, for everything; it never matches part of a name, so
 * `ghcr.io/alice/*` does not cover `ghcr.io/alice-evil/x`. A pattern may fix a tag.
 */
export function imageMatches(pattern: string, image: ImageReference): boolean {
  if (pattern === '*') return true;
  if (pattern.endsWith('/*'))
    return `${image.registry}/${image.repository}`.startsWith(patternPrefix(pattern));
  const wanted = parseImageReference(pattern);
  const sameName = wanted.registry === image.registry && wanted.repository === image.repository;
  const pinned = pattern.includes('@') || pattern.lastIndexOf(':') > pattern.lastIndexOf('/');
  return (
    sameName &&
    (!pinned || (wanted.tag === image.tag && (wanted.digest === undefined || wanted.digest === image.digest)))
  );
}

/** @throws RangeError when the pattern cannot match any image. */
export function checkImagePattern(pattern: string): void {
  if (pattern === '*') return;
  parseImageReference(pattern.endsWith('/*') ? `${pattern.slice(0, -1)}any` : pattern);
}

function patternPrefix(pattern: string): string {
  const path = pattern.slice(0, -2);
  return `${isRegistry(path.split('/')[0] ?? '') ? path : `docker.io/${path}`}/`;
}

function parseName(name: string, text: string): Pick<ImageReference, 'registry' | 'repository'> {
  const [first = '', ...rest] = name.split('/');
  const hasRegistry = rest.length > 0 && isRegistry(first);
  const components = hasRegistry ? rest : [first, ...rest];
  if (hasRegistry && !HOST.test(first)) throw problem(text, `"${first}" is not a registry host`);
  if (!components.every((component) => COMPONENT.test(component))) {
    throw problem(text, 'names are lower-case letters and digits, joined by ".", "_", "-" and "/"');
  }
  const registry = hasRegistry && first !== 'index.docker.io' ? first : 'docker.io';
  const repository = components.join('/');
  return {
    registry,
    repository: registry === 'docker.io' && components.length === 1 ? `library/${repository}` : repository,
  };
}

function isRegistry(component: string): boolean {
  return /[.:]/.test(component) || component === 'localhost';
}

function problem(text: string, why: string): RangeError {
  return new RangeError(`"${text.slice(0, 80)}" is not an image reference: ${why}`);
}
