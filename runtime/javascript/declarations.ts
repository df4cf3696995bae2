/** What a cell declares: its names at top level, and every `var` that is hoisted to there. */
import type { AnyNode, Identifier, ModuleDeclaration, Program, Statement, VariableDeclaration } from 'acorn'
import { bindingsOf, childrenOf, isFunction } from './tree.ts'

export type Kind = 'var' | 'let' | 'const' | 'function' | 'class' | 'import'

/** Name -> kind, in the order of the source. */
export function findDeclarations(program: Program): Map<string, Kind> {
  const names = new Map<string, Kind>()
  for (const { id, kind } of findBindings(program)) names.set(id.name, kind)
  return names
}

/** Every place that declares a name; a `var` may have several. */
export function findBindings(program: Program): { id: Identifier; kind: Kind }[] {
  return program.body.flatMap((statement) => toBindings(toDeclaration(statement)))
}

/** The declaration behind an `export`. */
export function toDeclaration(statement: Statement | ModuleDeclaration): AnyNode {
  if (statement.type === 'ExportNamedDeclaration' && statement.declaration) return statement.declaration
  if (statement.type === 'ExportDefaultDeclaration') return statement.declaration
  return statement
}

function toBindings(node: AnyNode): { id: Identifier; kind: Kind }[] {
  switch (node.type) {
    case 'ImportDeclaration':
      return node.specifiers.map(({ local }) => ({ id: local, kind: 'import' }))
    case 'FunctionDeclaration':
      return node.id ? [{ id: node.id, kind: 'function' }] : []
    case 'ClassDeclaration':
      return node.id ? [{ id: node.id, kind: 'class' }] : []
    case 'VariableDeclaration': {
      const { kind } = node
      if (kind === 'using' || kind === 'await using') return []
      return [...idsOf(node).map((id) => ({ id, kind })), ...innerVars(node)]
    }
    default:
      return innerVars(node)
  }
}

function innerVars(node: AnyNode): { id: Identifier; kind: Kind }[] {
  return childrenOf(node).flatMap((child) =>
    findVars(child).flatMap((found) => idsOf(found).map((id) => ({ id, kind: 'var' as const }))),
  )
}

export function idsOf(node: VariableDeclaration): Identifier[] {
  return node.declarations.flatMap(({ id }) => bindingsOf(id))
}

/** Every `var` below a node that belongs to the same function. */
export function findVars(node: AnyNode): VariableDeclaration[] {
  if (isFunction(node) || node.type === 'ClassDeclaration' || node.type === 'ClassExpression') return []
  if (node.type === 'VariableDeclaration' && node.kind === 'var')
    return [node, ...childrenOf(node).flatMap((child) => findVars(child))]
  return childrenOf(node).flatMap((child) => findVars(child))
}
