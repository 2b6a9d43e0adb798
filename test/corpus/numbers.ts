import { type BadManifest, CONTAINER, container, spec } from './manifest.ts';

/** Numbers and quantities that mean nothing here. */
export const NUMBERS: readonly BadManifest[] = [
  // Numbers.
  ['replicas below zero', spec('replicas: -1'), ':6: spec.replicas: must not be negative'],
  ['replicas in part', spec('replicas: 1.5'), ':6: spec.replicas: must be a whole number'],
  ['replicas as text', spec('replicas: "2"'), ':6: spec.replicas: must be a whole number'],
  ['replicas that are not a number', spec('replicas: .nan'), ':6: spec.replicas: must be a whole number'],
  ['replicas without end', spec('replicas: .inf'), ':6: spec.replicas: must be a whole number'],
  ['more replicas than there can be', spec('replicas: 1001'), ':6: spec.replicas: must be at most 1000'],
  ['replicas beyond 2^53', spec('replicas: 9007199254740993'), ':6: spec.replicas: must be a whole number'],
  [
    'a deadline of zero',
    spec('progressDeadlineSeconds: 0'),
    ':6: spec.progressDeadlineSeconds: must be at least 1',
  ],
  [
    'a percentage above 100',
    spec('strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 101%}}'),
    ':6: spec.strategy.rollingUpdate.maxSurge: must be a whole number, or a percentage from 0% to 100%',
  ],
  [
    'an update that could never move',
    spec('strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}'),
    ':6: spec.strategy.rollingUpdate: maxSurge and maxUnavailable must not both be 0:',
  ],
  [
    'a strategy that does not exist',
    spec('strategy: {type: BlueGreen}'),
    ':6: spec.strategy.type: must be RollingUpdate or Recreate',
  ],
  ['a state that does not exist', spec('state: Paused'), ':6: spec.state: must be Running or Stopped'],
  // Quantities.
  ...[
    ['cpu below zero', '{cpu: "-1"}', `:12: ${CONTAINER}.resources.limits.cpu: "-1" is not a quantity`],
    ['cpu of zero', '{cpu: 0}', `:12: ${CONTAINER}.resources.limits.cpu: cpu must be at least 1m`],
    [
      'cpu that is not a number',
      '{cpu: .nan}',
      `:12: ${CONTAINER}.resources.limits.cpu: must be a quantity such as 500m or 256Mi`,
    ],
    [
      'cpu without end',
      '{cpu: .inf}',
      `:12: ${CONTAINER}.resources.limits.cpu: must be a quantity such as 500m or 256Mi`,
    ],
    ['cpu in words', '{cpu: two}', `:12: ${CONTAINER}.resources.limits.cpu: "two" is not a quantity`],
    [
      'cpu in hexadecimal',
      '{cpu: "0x10"}',
      `:12: ${CONTAINER}.resources.limits.cpu: "0x10" is not a quantity`,
    ],
    ['cpu with a comma', '{cpu: "1,5"}', `:12: ${CONTAINER}.resources.limits.cpu: "1,5" is not a quantity`],
    ['cpu below the least', '{cpu: 1n}', `:12: ${CONTAINER}.resources.limits.cpu: cpu must be at least 1m`],
    [
      'cpu beyond 2^53',
      '{cpu: 99999999}',
      `:12: ${CONTAINER}.resources.limits.cpu: "99999999" is too large: at most 2^53 - 1 base`,
    ],
    [
      'cpu with a huge exponent',
      '{cpu: "1e99"}',
      `:12: ${CONTAINER}.resources.limits.cpu: "1e99" is too large: at most 2^53 - 1 base units`,
    ],
    [
      'memory below zero',
      '{memory: -256Mi}',
      `:12: ${CONTAINER}.resources.limits.memory: "-256Mi" is not a quantity`,
    ],
    [
      'memory of zero',
      '{memory: 0}',
      `:12: ${CONTAINER}.resources.limits.memory: memory must be at least 6Mi, the least Docker`,
    ],
    [
      'memory below what Docker starts with',
      '{memory: 5Mi}',
      `:12: ${CONTAINER}.resources.limits.memory: memory must be at least 6Mi, the least Docker`,
    ],
    [
      'memory in thousandths',
      '{memory: 256m}',
      `:12: ${CONTAINER}.resources.limits.memory: memory must be at least 6Mi, the least Docker`,
    ],
    [
      'memory with a unit that does not exist',
      '{memory: 256MB}',
      `:12: ${CONTAINER}.resources.limits.memory: "256MB" is not a quantity`,
    ],
    [
      'memory with a space',
      '{memory: 256 Mi}',
      `:12: ${CONTAINER}.resources.limits.memory: "256 Mi" is not a quantity`,
    ],
    [
      'memory of 2^53',
      '{memory: 9007199254740992}',
      `:12: ${CONTAINER}.resources.limits.memory: 9007199254740992 is not a quantity`,
    ],
    [
      'memory beyond all measure',
      '{memory: 9999999999Ei}',
      `:12: ${CONTAINER}.resources.limits.memory: "9999999999Ei" is too large: at most 2^53 - 1`,
    ],
    [
      'memory as a mapping',
      '{memory: {value: 256}}',
      `:12: ${CONTAINER}.resources.limits.memory: must be a quantity such as 500m or 256Mi`,
    ],
    [
      'memory as yes',
      '{memory: true}',
      `:12: ${CONTAINER}.resources.limits.memory: must be a quantity such as 500m or 256Mi`,
    ],
    [
      'memory that is empty',
      '{memory: ""}',
      `:12: ${CONTAINER}.resources.limits.memory: "" is not a quantity`,
    ],
  ].map(
    ([name = '', limits = '', complaint = '']) =>
      [name, container(`resources: {limits: ${limits}}`), complaint] as const,
  ),
  [
    'a request above its limit',
    container('resources: {limits: {cpu: 1}, requests: {cpu: 2}}'),
    `:12: ${CONTAINER}.resources.requests.cpu: request 2 exceeds the limit 1`,
  ],
];
