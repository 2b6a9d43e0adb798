import { parseSync } from '@swc/core';

export interface Import {
  specifier: string;
  /** It leaves nothing behind at run time. */
  typeOnly: boolean;
}

/** Stands for a module whose name is only known at run time. */
export const COMPUTED = '(computed)';

/** Every module that a text names, however it does. */
export function importsOf(text: string): Import[] {
  return nodesOf(parseSync(text, { syntax: 'typescript', target: 'es2024' })).flatMap((node) => {
    const name = moduleName(node);
    const typeOnly = node.typeOnly === true || node.type === 'TsImportType';
    return name === undefined ? [] : [{ specifier: textOf(name), typeOnly }];
  });
}

/** A part of a syntax tree as swc makes it. */
type SyntaxNode = { type?: unknown; [member: string]: unknown };

function nodesOf(tree: unknown): SyntaxNode[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return [tree as SyntaxNode, ...Object.values(tree).flatMap(nodesOf)];
}

/** The expression by which a node names a module. */
function moduleName(node: SyntaxNode): SyntaxNode | undefined {
  const callee = node.callee as SyntaxNode | undefined;
  if (callee?.type === 'Import' || (callee?.type === 'Identifier' && callee.value === 'require'))
    return (node.arguments as { expression: SyntaxNode }[])[0]?.expression;
  if (node.type === 'TsImportType') return node.argument as SyntaxNode;
  if (node.type === 'TsExternalModuleReference') return node.expression as SyntaxNode;
  return /^(Import|Export)\w*Declaration$/.test(String(node.type))
    ? ((node.source as SyntaxNode | null) ?? undefined)
    : undefined;
}

function textOf({ type, value, quasis }: SyntaxNode): string {
  if (type === 'StringLiteral') return String(value);
  const [only, ...more] = (quasis as { cooked: string }[] | undefined) ?? [];
  return only && more.length === 0 ? only.cooked : COMPUTED;
}
