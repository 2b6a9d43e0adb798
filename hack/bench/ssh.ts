import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { outputOf } from './processes.ts';
import { freePort, type Server, startServer, stopAll } from './servers.ts';

export const AES_GCM = 'aes128-gcm@openssh.com';
export const CHACHA = 'chacha20-poly1305@openssh.com';

export interface SshOptions {
  /** Default: what both ends like best. */
  cipher?: string;
  /** Leads to sshd by another port. */
  wire?: (directory: string, target: number) => Promise<Server>;
}

/** `ssh -R`: a port that sshd listens on and the client connects to `target`. */
export async function startSshTunnel(
  directory: string,
  target: number,
  { cipher, wire }: SshOptions = {},
): Promise<Server> {
  mkdirSync(directory, { recursive: true });
  const { uid, username } = userInfo();
  // As root sshd insists on it, and Debian makes it only where the service runs.
  if (uid === 0) mkdirSync('/run/sshd', { recursive: true });
  for (const name of ['host', 'user'])
    outputOf('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, name)]);
  const [sshPort, port] = [await freePort(), await freePort()];
  const config = `
    ListenAddress 127.0.0.1:${sshPort}
    HostKey ${directory}/host
    AuthorizedKeysFile ${directory}/user.pub
    PermitRootLogin prohibit-password
    StrictModes no
    UsePAM no
    PidFile none`;
  writeFileSync(join(directory, 'sshd_config'), config);
  const sshd = await startServer(directory, sshPort, '/usr/sbin/sshd', [
    '-D',
    '-e',
    '-f',
    join(directory, 'sshd_config'),
  ]);
  const way = wire && (await wire(join(directory, 'wire'), sshPort));
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ExitOnForwardFailure=yes'];
  const args = [...options.flatMap((option) => ['-o', option]), '-i', join(directory, 'user')];
  const forward = ['-R', `127.0.0.1:${port}:127.0.0.1:${target}`, `${username}@127.0.0.1`];
  const ssh = await startServer(directory, port, 'ssh', [
    ...args,
    ...(cipher ? ['-c', cipher] : []),
    '-N',
    '-p',
    `${way?.port ?? sshPort}`,
    ...forward,
  ]);
  return { port, pid: sshd.pid, stop: () => stopAll([sshd, ...(way ? [way] : []), ssh]) };
}
