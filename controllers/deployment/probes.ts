import type { Container } from '../../api/v1alpha1/container.ts';
import type { Probe } from '../../api/v1alpha1/probe.ts';
import type { Probes } from './probe-state.ts';

/** The probes of a container, with numbers for the names of ports: a runtime knows only numbers. */
export function probesOf(container: Container): Probes {
  const { startupProbe, readinessProbe, livenessProbe } = container;
  return {
    startupProbe: startupProbe && numbered(startupProbe, container),
    readinessProbe: readinessProbe && numbered(readinessProbe, container),
    livenessProbe: livenessProbe && numbered(livenessProbe, container),
  };
}

function numbered(probe: Probe, { ports = [] }: Container): Probe {
  const portOf = (reference: number | string) =>
    ports.find(({ name }) => name === reference)?.containerPort ?? reference;
  const { httpGet, tcpSocket } = probe;
  return {
    ...probe,
    httpGet: httpGet && { ...httpGet, port: portOf(httpGet.port) },
    tcpSocket: tcpSocket && { port: portOf(tcpSocket.port) },
  };
}
