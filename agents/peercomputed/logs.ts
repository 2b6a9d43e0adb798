import { keyOf, type ObjectKey } from '../../api/meta/object.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import type { LogQuery, RemoteLogLine } from '../../api/protocol/log-messages.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import type { Admission } from '../../controllers/admission/admission.ts';
import { requireGrant } from '../../controllers/admission/authorize.ts';
import type { Informer } from '../../controllers/core/informer.ts';
import { merge } from '../../controllers/core/merge.ts';
import { displayName, formatOrigin, originOf, templateHash } from '../../controllers/deployment/container.ts';
import type { Runtime, RuntimeContainer } from '../../controllers/ports/runtime.ts';

export interface LogComponents {
  runtime: Runtime;
  deployments: Informer<'Deployment'>;
  admission: Admission;
}

/** The lines that a peer asks for, of its own containers only. @throws StatusError that the peer is told. */
export async function* openLogs(
  { runtime, deployments, admission }: LogComponents,
  owner: string,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<RemoteLogLine> {
  requireGrant(admission.trusted(owner), 'logs');
  const key: ObjectKey<'Deployment'> = {
    kind: 'Deployment',
    owner,
    namespace: query.namespace,
    name: query.name,
  };
  const deployment = deployments.get(key);
  if (!deployment)
    throw new StatusError('NotFound', `there is no Deployment ${query.namespace}/${query.name} here`);
  const sources = chooseRuns(deployment, await runtime.list(), query);
  yield* merge(sources.map(({ name, run }) => readRun(runtime, name, run, query, signal)));
}

interface Source {
  /** As the status of the Deployment calls it. */
  name: string;
  run: RuntimeContainer;
}

/** The runs that a query means. The previous one is the last that has ended, as it is to who asks why something crashes. */
export function chooseRuns(
  deployment: Deployment,
  containers: readonly RuntimeContainer[],
  query: LogQuery,
): Source[] {
  const replicas = replicasOf(deployment, containers);
  const wanted = query.replica === undefined ? [...replicas.keys()] : [query.replica];
  const chosen = (query.all || query.replica !== undefined ? wanted : wanted.slice(0, 1)).map((name) => ({
    name,
    run: replicas.get(name)?.find(({ state }) => !query.previous || state === 'Exited'),
  }));
  const found = chosen.filter((source): source is Source => source.run !== undefined);
  if (found.length > 0) return found;
  throw new StatusError('NotFound', whyNone(deployment, query, replicas.size));
}

/** The runs of each replica, latest first; replicas of the current template and with low ordinals first. */
function replicasOf(
  deployment: Deployment,
  containers: readonly RuntimeContainer[],
): Map<string, RuntimeContainer[]> {
  const origin = formatOrigin(originOf(deployment));
  const current = templateHash(deployment.spec.template);
  const mine = containers
    .filter((container) => formatOrigin(container) === origin)
    .sort(
      (a, b) =>
        Number(b.templateHash === current) - Number(a.templateHash === current) ||
        a.ordinal - b.ordinal ||
        b.attempt - a.attempt,
    );
  return Map.groupBy(mine, (container) =>
    displayName(deployment.metadata.name, container, container.templateHash !== current),
  );
}

function whyNone(deployment: Deployment, { replica, previous }: LogQuery, count: number): string {
  const { name } = keyOf(deployment);
  if (count === 0) return `${name} has no containers; "peerctl status ${name}" says why`;
  if (previous) return `${replica ?? name} has not ended yet: there is no previous run`;
  return `${name} has no replica ${replica}; "peerctl describe deployment ${name}" lists them`;
}

async function* readRun(
  runtime: Runtime,
  name: string,
  run: RuntimeContainer,
  { follow, tail, since, resume = {} }: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<RemoteLogLine> {
  const cursor = Object.hasOwn(resume, name) ? resume[name] : undefined;
  const from = cursor === undefined ? { tail, sinceNanoseconds: since } : { sinceNanoseconds: cursor };
  for await (const line of runtime.logs(run.name, { follow, signal, ...from }))
    yield { container: name, ...line };
}
