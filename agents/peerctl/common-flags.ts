import type { Flags } from './flags.ts';

/** Flags that several commands share, so that they mean the same everywhere. */

export const NAMESPACE = {
  namespace: {
    type: 'string',
    short: 'n',
    value: 'NAME',
    help: 'namespace (default: "default")',
    complete: 'namespace',
  },
} as const satisfies Flags;

export const ALL_NAMESPACES = {
  'all-namespaces': { type: 'boolean', short: 'A', help: 'every namespace' },
} as const satisfies Flags;

export const SELECTOR = {
  selector: {
    type: 'string',
    short: 'l',
    value: 'SELECTOR',
    help: 'only objects with these labels: a=b,c!=d,e in (f,g),!h',
  },
} as const satisfies Flags;

export const OUTPUT = {
  output: {
    type: 'string',
    short: 'o',
    value: 'FORMAT',
    help: 'wide, yaml, json, name, jsonpath=TEMPLATE or custom-columns=NAME:PATH,...',
    complete: 'output',
  },
} as const satisfies Flags;

export const WATCH = {
  watch: { type: 'boolean', short: 'w', help: 'go on and print every change, until Ctrl-C' },
} as const satisfies Flags;

export const FILENAME = {
  filename: {
    type: 'string',
    short: 'f',
    value: 'FILE|DIR|URL|-',
    help: 'file or directory of manifests, a URL, or - for stdin',
    multiple: true,
    complete: 'file',
  },
  recursive: { type: 'boolean', short: 'R', help: 'descend into the directories given with -f' },
} as const satisfies Flags;

export const FOLLOW = {
  wait: { type: 'boolean', default: true, help: 'follow until the peers have done it' },
  timeout: { type: 'duration', value: 'DURATION', default: 300_000, help: 'how long to follow' },
} as const satisfies Flags;
