/** What a cell declares: its names at top level, and every `var` that is hoisted to there. */
import type { AnyNode, ModuleDeclaration, Program, Statement, VariableDeclaration } from 'acorn'
import { bindingsOf, childrenOf, isFunction } from './tree.ts'

export type Kind = 'var' | 'let' | 'const' | 'function' | 'class' | 'import'

/** Name -> kind, in the order of the source. */
export function findDeclarations(program: Program): Map<string, Kind> {
  const names = new Map<string, Kind>()
  for (const statement of program.body) declare(toDeclaration(statement), names)
  return names
}

/** The declaration behind an `export`. */
export function toDeclaration(statement: Statement | ModuleDeclaration): AnyNode {
  if (statement.type === 'ExportNamedDeclaration' && statement.declaration) return statement.declaration
  if (statement.type === 'ExportDefaultDeclaration') return statement.declaration
  return statement
}

function declare(node: AnyNode, names: Map<string, Kind>): void {
  switch (node.type) {
    case 'ImportDeclaration':
      for (const specifier of node.specifiers) names.set(specifier.local.name, 'import')
      break
    case 'FunctionDeclaration':
      if (node.id) names.set(node.id.name, 'function')
      break
    case 'ClassDeclaration':
      if (node.id) names.set(node.id.name, 'class')
      break
    case 'VariableDeclaration': {
      const { kind } = node
      if (kind === 'var' || kind === 'let' || kind === 'const')
        for (const { id } of node.declarations) for (const { name } of bindingsOf(id)) names.set(name, kind)
      break
    }
    default:
      for (const declaration of findVars(node))
        for (const { id } of declaration.declarations)
          for (const { name } of bindingsOf(id)) names.set(name, 'var')
  }
}

/** Every `var` below a node that belongs to the same function. */
export function findVars(node: AnyNode): VariableDeclaration[] {
  if (isFunction(node) || node.type === 'ClassDeclaration' || node.type === 'ClassExpression') return []
  if (node.type === 'VariableDeclaration' && node.kind === 'var')
    return [node, ...childrenOf(node).flatMap((child) => findVars(child))]
  return childrenOf(node).flatMap((child) => findVars(child))
}
