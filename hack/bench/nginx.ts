import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type Server, startServer } from './servers.ts';

const MiB = 1024 * 1024;

/** `/small` has 1 KiB, `/large` 64 MiB. */
export const LARGE_BYTES = 64 * MiB;

/** nginx with one worker that serves `/small` and `/large`. */
export async function startNginx(directory: string): Promise<Server> {
  mkdirSync(join(directory, 'files'), { recursive: true });
  writeFileSync(join(directory, 'files', 'small'), Buffer.alloc(1024, 'x'));
  writeFileSync(join(directory, 'files', 'large'), Buffer.alloc(LARGE_BYTES, 'x'));
  const port = await freePort();
  return start(directory, port, `server { listen 127.0.0.1:${port}; root ${directory}/files; }`);
}

/** nginx with one worker that ends TLS and keeps its connections to `target`: as it stands before most services. */
export async function startTlsProxy(
  directory: string,
  target: number,
  certificates: string,
): Promise<Server> {
  mkdirSync(directory, { recursive: true });
  const port = await freePort();
  const http = `
    upstream target { server 127.0.0.1:${target}; keepalive 512; keepalive_requests 1000000000; }
    server {
      listen 127.0.0.1:${port} ssl;
      ssl_certificate ${certificates}/cert.pem;
      ssl_certificate_key ${certificates}/key.pem;
      ssl_protocols TLSv1.2 TLSv1.3;
      access_log ${directory}/access.log;
      location / {
        proxy_pass http://target;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto https;
      }
    }`;
  return start(directory, port, http);
}

/** @param http What stands in its section `http`, besides what every server here has. */
function start(directory: string, port: number, http: string): Promise<Server> {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${directory}/${name};`)
    .join('\n');
  const config = `
    daemon off; pid ${directory}/pid; error_log ${directory}/error.log; worker_processes 1; user root;
    events { worker_connections 4096; }
    http {
      access_log off; keepalive_requests 1000000000; sendfile on; tcp_nodelay on; ${temporary}
      ${http}
    }`;
  writeFileSync(join(directory, 'nginx.conf'), config);
  return startServer(directory, port, 'nginx', ['-p', directory, '-c', join(directory, 'nginx.conf')]);
}
