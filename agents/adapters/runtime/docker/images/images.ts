import type Docker from 'dockerode';
import { formatImageReference, parseImageReference } from '../../../../../api/meta/image-reference.ts';
import { Reason } from '../../../../../api/v1alpha1/reasons.ts';
import type { Clock } from '../../../../../controllers/ports/clock.ts';
import { type ImageInfo, type PullOptions, RuntimeError } from '../../../../../controllers/ports/runtime.ts';
import type { Engine } from '../engine/engine.ts';
import { hasStatus, named } from '../engine/errors.ts';
import { jsonLines } from '../engine/json-lines.ts';
import { pullFailure, tooLarge } from './pull-failure.ts';
import { LayerProgress, type ProgressMessage } from './pull-progress.ts';
import { registryAuth } from './registry-auth.ts';

export interface ImagesComponents {
  engine: Engine;
  clock: Clock;
}

export interface ImagesInit {
  /**
   * A Docker config file whose logins may be used for everybody's images; default: none, since a borrower could
   * otherwise run the owner's private images.
   */
  authConfigFile?: string | undefined;
  /** Larger images are refused. Default: no limit. */
  maxImageBytes?: number | undefined;
  pullTimeoutMilliseconds: number;
}

/** What a container is made from. */
export interface LocalImage extends ImageInfo {
  /** `user[:group]`, empty for root. */
  user: string;
}

/** The engine's images. */
export class Images {
  readonly #components: ImagesComponents;
  readonly #init: ImagesInit;

  constructor(components: ImagesComponents, init: ImagesInit) {
    this.#components = components;
    this.#init = init;
  }

  /** By reference or ID; `repository` tells which of its digests is meant. */
  async find(referenceOrID: string, repository = referenceOrID): Promise<LocalImage | undefined> {
    try {
      const info = await this.#components.engine.ask('inspect_image', (docker) =>
        docker.getImage(referenceOrID).inspect(),
      );
      const digest = digestOf(info, repository);
      return { id: info.Id, sizeBytes: info.Size, user: info.Config.User, ...(digest && { digest }) };
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw named(Reason.Error, `image ${referenceOrID} cannot be inspected`, error);
    }
  }

  async pull(reference: string, options: PullOptions): Promise<ImageInfo> {
    const timeout = new AbortController();
    const milliseconds = this.#init.pullTimeoutMilliseconds;
    const cancel = this.#components.clock.after(milliseconds, () =>
      timeout.abort(pullFailure(reference, new Error(`timeout after ${milliseconds / 1000} s`))),
    );
    try {
      await this.#transfer(reference, options, AbortSignal.any([options.signal, timeout.signal]));
      return await this.#pulled(reference);
    } catch (error) {
      throw error === options.signal.reason ? error : pullFailure(reference, error);
    } finally {
      cancel();
    }
  }

  async #transfer(reference: string, options: PullOptions, signal: AbortSignal): Promise<void> {
    const { registry, repository, tag, digest } = parseImageReference(reference);
    const { authConfigFile, maxImageBytes = Number.POSITIVE_INFINITY, pullTimeoutMilliseconds } = this.#init;
    const auth = authConfigFile === undefined ? undefined : await registryAuth(authConfigFile, registry);
    const query = { fromImage: `${registry}/${repository}`, tag: digest ?? tag };
    const bytes = this.#components.engine.stream(
      (docker, abortSignal) => docker.createImage(auth, { ...query, abortSignal }),
      // Nothing is sent before the registry has answered.
      { signal, openTimeoutMilliseconds: pullTimeoutMilliseconds },
    );
    const progress = new LayerProgress();
    for await (const message of jsonLines<ProgressMessage>(bytes)) {
      if (message.error !== undefined) throw new Error(message.error);
      if (!progress.add(message)) continue;
      // Returning closes the connection, and with it the engine ends the pull.
      if (progress.totalBytes > maxImageBytes) throw tooLarge(reference, progress.totalBytes, maxImageBytes);
      options.onProgress?.({ currentBytes: progress.currentBytes, totalBytes: progress.totalBytes });
    }
  }

  /** What travels is compressed: only now the real size is known. */
  async #pulled(reference: string): Promise<ImageInfo> {
    const { maxImageBytes = Number.POSITIVE_INFINITY } = this.#init;
    const image = await this.find(reference);
    if (!image) throw new RuntimeError(Reason.ImagePullFailed, `image ${reference} vanished after its pull`);
    if (image.sizeBytes <= maxImageBytes) return imageInfo(image);
    await this.#components.engine.work('remove_image', (docker, abortSignal) =>
      docker.getImage(reference).remove({ abortSignal }),
    );
    throw tooLarge(reference, image.sizeBytes, maxImageBytes);
  }
}

export function imageInfo({ id, digest, sizeBytes }: ImageInfo): ImageInfo {
  return { id, sizeBytes, ...(digest && { digest }) };
}

/** The digest under which the reference's own repository knows the image: one image can come from several. */
function digestOf({ RepoDigests }: Docker.ImageInspectInfo, reference: string): string | undefined {
  // Engines also write <none>@<none>.
  const digests = (RepoDigests ?? []).filter((text) => !text.startsWith('<')).map(parseImageReference);
  // An ID is no reference; any digest does for it.
  const wanted = reference.startsWith('sha256:') ? digests[0] : parseImageReference(reference);
  const found = digests.find(
    ({ registry, repository }) => registry === wanted?.registry && repository === wanted.repository,
  );
  return found && formatImageReference({ ...found, tag: undefined });
}
