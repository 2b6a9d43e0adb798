import { type BadManifest, CONTAINER, container, replaced } from './manifest.ts';

/** Containers that nobody may or can run. */
export const CONTAINERS: readonly BadManifest[] = [
  // What nobody may ask for.
  [
    'a privileged container',
    container('securityContext: {privileged: true}'),
    `:12: ${CONTAINER}.securityContext.privileged: unknown field`,
  ],
  [
    'a way to gain privileges',
    container('securityContext: {allowPrivilegeEscalation: true}'),
    `:12: ${CONTAINER}.securityContext.allowPrivilegeEscalation: can only be false: no container gains`,
  ],
  [
    'a path of the host',
    container('volumeMounts: [{name: root, mountPath: /host}]'),
    `:12: ${CONTAINER}.volumeMounts: unknown field`,
  ],
  [
    'the network of the host',
    replaced(8, '    spec:', '      hostNetwork: true'),
    ':9: spec.template.spec.hostNetwork: unknown field',
  ],
  [
    'two containers',
    container().concat('        - name: sidecar\n          image: busybox\n'),
    ':9: spec.template.spec.containers: more than one container per replica is not',
  ],
  [
    'no container',
    replaced(9, '      containers: []').split('\n').slice(0, 9).join('\n'),
    ':9: spec.template.spec.containers: must name one container',
  ],
  // Images.
  ...[
    ['upper case', 'NGINX', `:11: ${CONTAINER}.image: "NGINX" is not an image reference: names are`],
    ['a space', '"nginx alpine"', `:11: ${CONTAINER}.image: "nginx alpine" is not an image reference: names`],
    [
      'a URL',
      'https://docker.io/nginx',
      `:11: ${CONTAINER}.image: "https://docker.io/nginx" is not an image`,
    ],
    [
      'a tag that is empty',
      '"nginx:"',
      `:11: ${CONTAINER}.image: "nginx:" is not an image reference: the tag may`,
    ],
    [
      'a digest that is cut',
      'nginx@sha256:abc',
      `:11: ${CONTAINER}.image: "nginx@sha256:abc" is not an image reference:`,
    ],
    ['two tags', 'nginx:1:2', `:11: ${CONTAINER}.image: "nginx:1:2" is not an image reference: names`],
    ['a way up', '../nginx', `:11: ${CONTAINER}.image: "../nginx" is not an image reference: ".." is`],
    ['a shell command', '"nginx;rm -rf /"', `:11: ${CONTAINER}.image: "nginx`],
    [
      'a registry that is none',
      '"-bad.io/nginx"',
      `:11: ${CONTAINER}.image: "-bad.io/nginx" is not an image reference:`,
    ],
    ['nothing', '""', `:11: ${CONTAINER}.image: "" is not an image reference: names are`],
    [
      'too much',
      `"${'a'.repeat(600)}"`,
      `:11: ${CONTAINER}.image: an image reference has at most 512 characters`,
    ],
    ['a number', '42', `:11: ${CONTAINER}.image: must be text: put it in quotes`],
    [
      'a line break',
      '"nginx\\nalpine"',
      `:11: ${CONTAINER}.image: "nginx\\nalpine" is not an image reference:`,
    ],
  ].map(
    ([name = '', image = '', complaint = '']) =>
      [`an image with ${name}`, replaced(11, `          image: ${image}`), complaint] as const,
  ),
  [
    'a pull policy that does not exist',
    container('imagePullPolicy: Sometimes'),
    `:12: ${CONTAINER}.imagePullPolicy: must be Always, IfNotPresent or Never`,
  ],
  // Ports, variables, probes.
  [
    'port zero',
    container('ports: [{containerPort: 0}]'),
    `:12: ${CONTAINER}.ports[0].containerPort: must be between 1 and 65535`,
  ],
  [
    'a port above 65535',
    container('ports: [{containerPort: 65536}]'),
    `:12: ${CONTAINER}.ports[0].containerPort: must be between 1 and 65535`,
  ],
  [
    'a port as text',
    container('ports: [{containerPort: "80"}]'),
    `:12: ${CONTAINER}.ports[0].containerPort: must be a port number`,
  ],
  [
    'a port twice',
    container('ports: [{containerPort: 80}, {containerPort: 80}]'),
    `:12: ${CONTAINER}.ports[1].containerPort: port 80 is given twice`,
  ],
  [
    'a port of another protocol',
    container('ports: [{containerPort: 80, protocol: SCTP}]'),
    `:12: ${CONTAINER}.ports[0].protocol: must be TCP or UDP`,
  ],
  ['a variable without a name', container('env: [{value: x}]'), `:12: ${CONTAINER}.env[0].name: is required`],
  [
    'a variable whose name has "="',
    container('env: [{name: "A=B", value: x}]'),
    `:12: ${CONTAINER}.env[0].name: must begin with a letter or "_" and hold`,
  ],
  [
    'a variable twice',
    container('env: [{name: A, value: x}, {name: A, value: y}]'),
    `:12: ${CONTAINER}.env[1].name: "A" is given twice`,
  ],
  [
    'a variable that is a number',
    container('env: [{name: A, value: 1}]'),
    `:12: ${CONTAINER}.env[0].value: must be text: put it in quotes`,
  ],
  [
    'a variable with a NUL',
    container('env: [{name: A, value: "a\\0b"}]'),
    `:12: ${CONTAINER}.env[0].value: must not contain a NUL character`,
  ],
  [
    'a variable from a Secret',
    container('env: [{name: A, valueFrom: {secretKeyRef: {name: a, key: b}}}]'),
    `:12: ${CONTAINER}.env[0].valueFrom: unknown field`,
  ],
  [
    'a probe of nothing',
    container('readinessProbe: {periodSeconds: 5}'),
    `:12: ${CONTAINER}.readinessProbe: must have exactly one of httpGet, tcpSocket and`,
  ],
  [
    'a probe of two things',
    container('readinessProbe: {tcpSocket: {port: 80}, exec: {command: [x]}}'),
    `:12: ${CONTAINER}.readinessProbe: must have exactly one of httpGet, tcpSocket and`,
  ],
  [
    'a probe with a line break in a header',
    container('readinessProbe: {httpGet: {port: 80, httpHeaders: [{name: A, value: "a\\r\\nB: c"}]}}'),
    `:12: ${CONTAINER}.readinessProbe.httpGet.httpHeaders[0].value: must not contain control characters`,
  ],
  [
    'a probe every 0 seconds',
    container('livenessProbe: {tcpSocket: {port: 80}, periodSeconds: 0}'),
    `:12: ${CONTAINER}.livenessProbe.periodSeconds: must be at least 1`,
  ],
  [
    'a capability with its prefix in lower case',
    container('securityContext: {capabilities: {add: [cap_net_admin]}}'),
    `:12: ${CONTAINER}.securityContext.capabilities.add[0]: must be a capability such as NET_BIND_SERVICE,`,
  ],
];
