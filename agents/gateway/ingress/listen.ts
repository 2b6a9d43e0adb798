import type { Server } from 'node:net';

const EXPLANATIONS: Record<string, string> = {
  EADDRINUSE: 'another program has this port; stop it, or choose another port',
  EACCES: 'ports below 1024 need CAP_NET_BIND_SERVICE, as the systemd unit grants it; or choose another port',
  EADDRNOTAVAIL: 'this machine has no such address',
};

/** Resolves once the server listens. @throws Error that says what to do. */
export function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (error: NodeJS.ErrnoException) => {
    const why = EXPLANATIONS[error.code ?? ''] ?? error.message;
    reject(new Error(`cannot listen on ${host}:${port}: ${why}`, { cause: error }));
  };
  server.once('error', fail);
  server.listen({ host, port, backlog: 4096 }, () => {
    server.off('error', fail);
    resolve();
  });
  return promise;
}
