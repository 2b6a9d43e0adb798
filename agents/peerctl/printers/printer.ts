import { nearest } from '../../../api/meta/names.ts';
import type { AnyObject } from '../../../api/v1alpha1/types.ts';
import { UsageError } from '../errors.ts';

/** Turns objects into text; `asList` when the person may have meant several, however many there are. */
export type Printer = (objects: readonly AnyObject[], asList: boolean) => string;

type Format = 'wide' | 'yaml' | 'json' | 'name' | 'jsonpath' | 'custom-columns';

/** Each format's module is loaded when it is asked for: a table needs neither YAML nor templates. */
const PRINTERS: Record<Exclude<Format, 'wide'>, (argument: string) => Promise<Printer>> = {
  json: async () => {
    const { document, toJson } = await import('./structured.ts');
    return (objects, asList) => toJson(document(objects, asList));
  },
  yaml: async () => {
    const [{ document }, { toYaml }] = await Promise.all([
      import('./structured.ts'),
      import('../../../api/yaml.ts'),
    ]);
    return (objects, asList) => toYaml(document(objects, asList));
  },
  name: async () => (objects) =>
    objects.map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}\n`).join(''),
  jsonpath: async (template) => {
    const [{ document }, { compileTemplate }] = await Promise.all([
      import('./structured.ts'),
      import('./jsonpath.ts'),
    ]);
    const render = compileTemplate(template);
    return (objects, asList) => render(document(objects, asList));
  },
  'custom-columns': async (columns) => (await import('./custom-columns.ts')).customColumns(columns),
};

/** Formats by the names a shell may offer. */
export const FORMATS: readonly string[] = ['wide', ...Object.keys(PRINTERS)];

const WITH_ARGUMENT: readonly string[] = ['jsonpath', 'custom-columns'] satisfies Format[];

/**
 * The printer of `-o`; undefined where it asks for a table.
 * @throws UsageError
 */
export async function printerFor(output: string | undefined): Promise<Printer | undefined> {
  if (output === undefined || output === 'wide') return undefined;
  const [format = '', ...rest] = output.split('=');
  if (!isFormat(format)) throw unknownFormat(format);
  const argument = rest.join('=');
  if (WITH_ARGUMENT.includes(format) !== argument.length > 0)
    throw new UsageError(
      argument ? `-o ${format} takes no value` : `-o ${format} needs a value: -o ${format}=...`,
    );
  return PRINTERS[format](argument);
}

function isFormat(text: string): text is Exclude<Format, 'wide'> {
  return Object.hasOwn(PRINTERS, text);
}

function unknownFormat(format: string): UsageError {
  const near = nearest(format, FORMATS);
  return new UsageError(
    `unknown output format "${format}"; ${near ? `did you mean ${near}?` : `there are ${FORMATS.join(', ')}`}`,
  );
}
