import { readFile } from 'node:fs/promises';
import type Docker from 'dockerode';
import { Reason } from '../../../../../api/v1alpha1/reasons.ts';
import { RuntimeError } from '../../../../../controllers/ports/runtime.ts';

/** Where `docker login` keeps what belongs to Docker Hub. */
const DOCKER_HUB = 'index.docker.io';

/**
 * The credentials that a Docker config file (`docker login` writes it) holds for a registry. It is read for each
 * pull, so that a new login counts at once. Helpers (credsStore, credHelpers) are programs and are not run.
 * @throws RuntimeError when the file cannot be read.
 */
export async function registryAuth(file: string, registry: string): Promise<Docker.AuthConfig | undefined> {
  const host = registry === 'docker.io' ? DOCKER_HUB : registry;
  const entries = Object.entries(await readEntries(file));
  const found = entries.find(([key]) => hostOf(key) === host);
  return found && decode(found[1], registry === 'docker.io' ? `https://${DOCKER_HUB}/v1/` : registry);
}

async function readEntries(file: string): Promise<Record<string, unknown>> {
  try {
    const config: unknown = JSON.parse(await readFile(file, 'utf8'));
    return record(record(config)?.auths) ?? {};
  } catch (cause) {
    const why = cause instanceof SyntaxError ? 'it is not JSON' : (cause as Error).message;
    throw new RuntimeError(
      Reason.ImagePullFailed,
      `the registry credentials in ${file} cannot be read: ${why}; "docker login" writes such a file`,
      { cause },
    );
  }
}

/** Keys are `host`, `host:port` or, as Docker Hub's is, a URL. */
function hostOf(key: string): string {
  const host = key.replace(/^https?:\/\//, '').split('/')[0] ?? '';
  return host === 'docker.io' ? DOCKER_HUB : host;
}

function decode(entry: unknown, serveraddress: string): Docker.AuthConfig | undefined {
  const { auth, identitytoken, username, password } = record(entry) ?? {};
  if (typeof identitytoken === 'string' && identitytoken !== '') return { identitytoken, serveraddress };
  if (typeof auth === 'string' && auth !== '') {
    const [name = '', ...secret] = Buffer.from(auth, 'base64').toString().split(':');
    return { username: name, password: secret.join(':'), serveraddress };
  }
  if (typeof username === 'string' && typeof password === 'string')
    return { username, password, serveraddress };
  return undefined;
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}
