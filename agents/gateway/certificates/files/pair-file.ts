import { readFileSync, statSync } from 'node:fs';
import { type Credential, toCredential } from '../credential.ts';
import { messageOf } from '../wording.ts';

/** Where a certificate with its chain is, and its key; both PEM. */
export interface PairPaths {
  cert: string;
  key: string;
}

/** A chain of ten certificates has 20 KiB. What is larger is another file. */
const MAX_BYTES = 256 * 1024;

/** A pair that others renew. */
export class PairFile {
  readonly paths: PairPaths;
  /** The last one that was whole. */
  credential: Credential | undefined;
  /** Why what is there now cannot be served; undefined when it can. */
  problem: string | undefined;
  /** What tells one version of the files from another. */
  #version = '';

  constructor(paths: PairPaths) {
    this.paths = paths;
  }

  /** Looks whether the files have changed; true when the answer of either field has. */
  refresh(): boolean {
    const version = `${versionOf(this.paths.cert)} ${versionOf(this.paths.key)}`;
    if (version === this.#version) return false;
    this.#version = version;
    const before = { credential: this.credential, problem: this.problem };
    try {
      const credential = toCredential({ chain: readText(this.paths.cert), key: readText(this.paths.key) });
      if (!isSame(credential, this.credential)) this.credential = credential;
      this.problem = undefined;
    } catch (error) {
      this.problem = messageOf(error);
    }
    return before.credential !== this.credential || before.problem !== this.problem;
  }
}

function isSame(a: Credential, b: Credential | undefined): boolean {
  return a.chain === b?.chain && a.key === b.key;
}

/** Through symbolic links: certbot and mounted secrets change where these point. */
function versionOf(path: string): string {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = statSync(path);
    return [dev, ino, size, mtimeMs, ctimeMs].join(':');
  } catch (error) {
    // Absent is a version too: reading it says what is wrong.
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}

function readText(path: string): string {
  const { size } = statSync(path);
  if (size > MAX_BYTES) throw new Error(`${path} has ${size} bytes: it is no certificate and no key`);
  return readFileSync(path, 'utf8');
}
