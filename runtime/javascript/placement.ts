/**
 * Where each variable of a cell lives. What a function of the cell or of an earlier cell uses must be a variable of
 * the notebook's context from the start. Everything else is local to the cell while it runs and is written to the
 * context when the cell ends, however it ends: a loop over globals was 8 times slower than over locals.
 */
import type { Program } from 'acorn'
import { findVars, toDeclaration, type Kind } from './declarations.ts'
import { bindingsOf } from './tree.ts'

/** Whoever uses one of these can see every global by name. */
const reflective = ['eval', 'globalThis', 'Function', 'constructor']

/** The names that live in the context; the other declared ones are local. */
export function toContextNames(
  program: Program,
  declarations: Map<string, Kind>,
  used: { free: Set<string>; captured: Set<string> },
  shared: ReadonlySet<string>,
): Set<string> {
  const everything = reflective.some((name) => used.free.has(name) || shared.has(name))
  const names = new Set<string>()
  for (const name of declarations.keys())
    if (everything || used.captured.has(name) || shared.has(name)) names.add(name)
  // One statement is rewritten in one way: its names move together.
  const statements = toStatements(program)
  for (let before = -1; before !== names.size;) {
    before = names.size
    for (const together of statements)
      if (together.some((name) => names.has(name))) for (const name of together) names.add(name)
  }
  return names
}

function toStatements(program: Program): string[][] {
  return program.body.flatMap((statement) => {
    const node = toDeclaration(statement)
    if (node.type === 'ImportDeclaration') return [node.specifiers.map(({ local }) => local.name)]
    const variables = node.type === 'VariableDeclaration' ? [node] : findVars(node)
    return variables.map(({ declarations }) =>
      declarations.flatMap(({ id }) => bindingsOf(id).map(({ name }) => name)),
    )
  })
}
