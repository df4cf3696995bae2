/** Whether a cell waits at its top level: an await, a `for await`, an import. */
import type { AnyNode, Program } from 'acorn'
import { childrenOf, isFunction } from './tree.ts'

export function findAwait(program: Program): boolean {
  return childrenOf(program).some((node) => awaits(node))
}

function awaits(node: AnyNode): boolean {
  if (isFunction(node)) return false
  if (node.type === 'AwaitExpression' || node.type === 'ImportDeclaration') return true
  if (node.type === 'ForOfStatement' && node.await) return true
  if (node.type === 'VariableDeclaration' && node.kind === 'await using') return true
  return childrenOf(node).some((child) => awaits(child))
}
