import { Reason } from '../../../../../api/v1alpha1/reasons.ts';
import { RuntimeError } from '../../../../../controllers/ports/runtime.ts';
import { engineMessage } from '../engine/errors.ts';

interface Cause {
  pattern: RegExp;
  advice: string;
  reason?: Reason;
  terminal?: boolean;
}

/** What registries and the engine say, from the special to the general, and what a person does about it. */
const CAUSES: readonly Cause[] = [
  {
    pattern: /no matching manifest|does not match the (specified|expected) platform|exec format/i,
    reason: Reason.PlatformMismatch,
    terminal: true,
    advice:
      "the image does not exist for this machine's platform: build it for that, or place the Deployment elsewhere",
  },
  {
    pattern: /toomanyrequests|rate limit|\b429\b/i,
    advice: 'the registry limits pulls: it will be tried again; logging the agent in raises the limit',
  },
  {
    pattern: /server gave HTTP response to HTTPS client/i,
    advice:
      'the registry speaks plain HTTP: list it under insecure-registries in /etc/docker/daemon.json of the provider',
  },
  {
    pattern: /x509|certificate|tls:/i,
    advice:
      "the registry's certificate is not accepted: put its CA under /etc/docker/certs.d on the provider",
  },
  {
    pattern: /no such host|server misbehaving|temporary failure in name resolution|lookup .* on /i,
    advice:
      'the host name of the registry does not resolve on the provider: check the image reference and its DNS',
  },
  {
    pattern: /timeout|timed out|deadline exceeded/i,
    advice: 'the registry did not answer in time: it will be tried again; check the network of the provider',
  },
  {
    pattern: /connection refused|network is unreachable|no route to host|connection reset/i,
    advice: 'the registry cannot be reached from the provider: it will be tried again',
  },
  {
    pattern: /no space left/i,
    advice: 'the provider\'s disk is full: its owner can free space with "docker system prune"',
  },
  {
    pattern: /unauthorized|no basic auth|authentication required|incorrect username or password/i,
    advice: "the registry wants a login: the provider needs an entry for it in the agent's --registry-config",
  },
  {
    pattern: /pull access denied|denied/i,
    advice:
      "no such image, or the registry wants a login: check the name; for a private image the provider needs an entry in the agent's --registry-config",
  },
  {
    pattern: /manifest unknown|not found|repository name not known|name unknown/i,
    advice: 'no such image: check name and tag, and that it was pushed',
  },
];

/** A pull that failed, with what to do next. */
export function pullFailure(reference: string, cause: unknown): RuntimeError {
  if (cause instanceof RuntimeError) return cause;
  const message = engineMessage(cause);
  const known = CAUSES.find(({ pattern }) => pattern.test(message));
  return new RuntimeError(
    known?.reason ?? Reason.ImagePullFailed,
    `image ${reference} was not pulled: ${message}${known ? `; ${known.advice}` : ''}`,
    { cause, terminal: known?.terminal ?? false },
  );
}

/** An image beyond what the provider's owner allows. */
export function tooLarge(reference: string, bytes: number, maxBytes: number): RuntimeError {
  const [size, limit] = [bytes, maxBytes].map((value) => `${Math.ceil(value / 1024 / 1024)} MiB`);
  return new RuntimeError(
    Reason.ImagePullFailed,
    `image ${reference} has ${size} or more and this provider takes at most ${limit}: use a smaller one`,
    { terminal: true },
  );
}
