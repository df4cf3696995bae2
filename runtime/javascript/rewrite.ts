/**
 * From a cell's JavaScript to the script that runs it. The script's completion value is an async function, called
 * once with `__suricate = {import(specifier), thrown(value), sql(tag, names), global}`; it resolves to undefined, or to
 * `{__proto__: null, value}` with the last expression's value, so that a thenable is not taken for a promise. Variables
 * are placed as placement.ts says; functions and imports come first. A write to a constant of the same cell is turned
 * into a write to a real constant, for the engine's own TypeError.
 */
import type {
  AnyNode,
  ClassDeclaration,
  FunctionDeclaration,
  ImportDeclaration,
  Program,
  VariableDeclaration,
} from 'acorn'
import MagicString from 'magic-string'
import { findVars, toDeclaration, type Kind } from './declarations.ts'
import { toSpecifier, type Imports } from './imports.ts'
import type { DecodedMap } from './map.ts'
import type { References } from './references.ts'
import { bindingsOf, childrenOf, isFunction } from './tree.ts'

export interface Cell {
  code: string
  program: Program
  gaps: number[]
  declarations: Map<string, Kind>
  references: References
  imports: Imports
  /** Names that live in the context. */
  context: Set<string>
}

export function rewriteCell(cell: Cell): { code: string; map: DecodedMap } {
  const text = new MagicString(cell.code)
  const body = cell.program.body.filter((node) => node.type !== 'EmptyStatement')
  const enums = findEnums(cell.program)
  // A script may begin with `#!`, a function may not.
  if (cell.code.startsWith('#!')) text.overwrite(0, 2, '//')
  for (const gap of cell.gaps) text.appendLeft(gap, ' ')
  for (const { start } of cell.imports.dynamic)
    text.overwrite(start, start + 'import'.length, '__suricate.import')
  for (const { tag, names } of cell.references.queries)
    wrap(tag, text, '__suricate.sql(', `,${JSON.stringify(names)})`)
  rewriteConstantWrites(cell, text)
  if (cell.code.includes('throw')) rewriteThrows(cell.program, text)

  const hoisted = new Set<AnyNode>()
  for (const statement of body) {
    const node = toDeclaration(statement)
    if (node !== statement && node.start > statement.start) text.remove(statement.start, node.start)
    const isLast = statement === body.at(-1)
    switch (node.type) {
      case 'ImportDeclaration':
        rewriteImport(node, cell, text)
        hoisted.add(statement)
        break
      case 'FunctionDeclaration':
        if (node.id) rewriteFunction(node as FunctionDeclaration, cell.context, text)
        else wrap(node, text, 'void (', ');')
        hoisted.add(statement)
        break
      case 'ClassDeclaration':
        if (node.id) rewriteClass(node as ClassDeclaration, cell.context, text)
        else wrap(node, text, 'void (', ');')
        break
      case 'VariableDeclaration':
        rewriteVariables(node, null, { cell, text, enums })
        if (node.kind !== 'using' && node.kind !== 'await using') rewriteVars(node, { cell, text, enums })
        break
      case 'ExportNamedDeclaration':
        text.remove(node.start, node.end)
        break
      default:
        rewriteVars(node, { cell, text, enums })
        if (!isLast || isEnum(node, body.at(-2), enums)) break
        if (node.type === 'ExpressionStatement') {
          const end = cell.code[node.end - 1] === ';' ? node.end - 1 : node.end
          wrap({ start: node.start, end }, text, toValue.before, toValue.after)
        } else if (statement.type === 'ExportDefaultDeclaration')
          wrap(node, text, toValue.before, toValue.after)
    }
  }
  const anchor = body.find((statement) => !hoisted.has(statement))?.start
  if (anchor !== undefined)
    for (const node of hoisted) if (node.start > anchor) text.move(node.start, node.end, anchor)

  const { before, after } = toWrapper(cell)
  text.prepend(before)
  text.append(after)
  return { code: text.toString(), map: text.generateDecodedMap({ hires: 'boundary', source: 'cell.js' }) }
}

const missing =
  'const __suricateMissing=(name,module)=>{throw new SyntaxError(`The module "${module}" has no export named "${name}"`)};'

function toWrapper(cell: Cell): { before: string; after: string } {
  const context = [...cell.context]
  const local = [...cell.declarations.keys()].filter((name) => !cell.context.has(name))
  const constants = new Set(cell.references.constantWrites.map(({ target }) => target.name))
  const before = [
    context.length > 0 ? `var ${context.join(',')};` : '',
    '(async(__suricate)=>{"use strict";',
    ...[...constants].map((name) => `const __suricate_${name}=0;`),
    cell.imports.specifiers.length > 0 ? missing : '',
    // A variable that the cell has not reached yet keeps the value that it had before.
    local.length > 0 ? `var ${local.map((name) => `${name}=__suricate.global.${name}`).join(',')};try{` : '',
    '\n',
  ]
  const written = local.map((name) => `__suricate.global.${name}=${name};`).join('')
  return { before: before.join(''), after: local.length > 0 ? `\n}finally{${written}}})` : '\n})' }
}

/** As the right side of a comma: a function or class without a name would take the property's. */
const toValue = { before: 'return {__proto__: null, value: (0,', after: ')};' }

function wrap(node: { start: number; end: number }, text: MagicString, before: string, after: string): void {
  text.prependRight(node.start, before)
  text.appendLeft(node.end, after)
}

/** A name that the module lacks is an error where the cell uses it as a value; otherwise it may be a type's name. */
function rewriteImport(node: ImportDeclaration, cell: Cell, text: MagicString): void {
  const source = JSON.stringify(toSpecifier(node))
  const module = `await __suricate.import(${source})`
  const names: string[] = []
  let namespace = ''
  for (const specifier of node.specifiers) {
    const { name } = specifier.local
    if (specifier.type === 'ImportNamespaceSpecifier') namespace = name
    else if (specifier.type === 'ImportDefaultSpecifier') names.push(`default:${name}`)
    else {
      const { imported } = specifier
      const key = JSON.stringify(imported.type === 'Identifier' ? imported.name : imported.value)
      const isUsed = cell.references.used.has(name)
      names.push(`${key}:${name}${isUsed ? `=__suricateMissing(${key},${source})` : ''}`)
    }
  }
  const isContext = node.specifiers.some(({ local }) => cell.context.has(local.name))
  const from = namespace || module
  const parts = [
    namespace ? `${isContext ? '' : 'var '}${namespace}=${module};` : '',
    names.length === 0
      ? ''
      : isContext
        ? `({${names.join(',')}}=${from});`
        : `var {${names.join(',')}}=${from};`,
    node.specifiers.length === 0 ? `${module};` : '',
  ]
  text.overwrite(node.start, node.end, `;${parts.join('')}`)
}

/** `function f(` becomes `f = function (`: the name inside is the variable's, so that it can be declared again. */
function rewriteFunction(node: FunctionDeclaration, context: Set<string>, text: MagicString): void {
  const { name, start, end } = node.id
  text.remove(start, end)
  wrap(node, text, `;${context.has(name) ? '' : 'var '}${name}=`, ';')
}

function rewriteClass(node: ClassDeclaration, context: Set<string>, text: MagicString): void {
  wrap(node, text, `;${context.has(node.id.name) ? '' : 'var '}${node.id.name}=`, ';')
}

interface Rewriting {
  cell: Cell
  text: MagicString
  enums: Set<AnyNode>
}

/** Every `var` below a node that is hoisted to the cell, in its own position. */
function rewriteVars(node: AnyNode, rewriting: Rewriting): void {
  if (findVars(node).length === 0) return
  const visit = (child: AnyNode, parent: AnyNode): void => {
    if (isFunction(child) || child.type === 'ClassDeclaration' || child.type === 'ClassExpression') return
    if (child.type === 'VariableDeclaration' && child.kind === 'var')
      rewriteVariables(child, parent, rewriting)
    for (const grandchild of childrenOf(child)) visit(grandchild, child)
  }
  if (node.type !== 'VariableDeclaration') for (const child of childrenOf(node)) visit(child, node)
}

function rewriteVariables(node: VariableDeclaration, parent: AnyNode | null, rewriting: Rewriting): void {
  const { kind, declarations } = node
  if (kind === 'using' || kind === 'await using') return
  const { text, cell, enums } = rewriting
  const names = declarations.flatMap(({ id }) => bindingsOf(id).map(({ name }) => name))
  const first = declarations[0]!
  const last = declarations.at(-1)!
  const isLoop =
    (parent?.type === 'ForInStatement' || parent?.type === 'ForOfStatement') && parent.left === node
  const isInit = parent?.type === 'ForStatement' && parent.init === node
  const resets = kind !== 'var' || enums.has(node)
  if (resets) for (const { id, init } of declarations) if (!init) text.appendLeft(id.end, '=undefined')
  if (!names.some((name) => cell.context.has(name))) {
    if (kind !== 'var') text.overwrite(node.start, node.start + kind.length, 'var')
    if (!isLoop && !isInit && cell.code[node.end - 1] !== ';') text.appendLeft(node.end, ';')
    return
  }
  if (isLoop) {
    text.remove(node.start, first.start)
    if (names[0] === 'async') wrap(first.id, text, '(', ')')
    return
  }
  text.overwrite(node.start, first.start, 'void (')
  // `var x` alone leaves the value as it is.
  if (!resets) for (const { id, init } of declarations) if (!init) text.overwrite(id.start, id.end, '0')
  text.appendLeft(last.end, ')')
  if (!isInit && cell.code[node.end - 1] !== ';') text.appendLeft(node.end, ';')
}

function rewriteConstantWrites(cell: Cell, text: MagicString): void {
  for (const { target, shorthand, logical } of cell.references.constantWrites) {
    const constant = `__suricate_${target.name}`
    if (logical) {
      const operator = logical.operator.slice(0, -1)
      wrap(logical, text, '(', '))')
      text.overwrite(logical.left.end, logical.right.start, `${operator}(${constant}=`)
    } else text.overwrite(target.start, target.end, shorthand ? `${target.name}:${constant}` : constant)
  }
}

/** What is no error when it is thrown would not know where: it passes through `thrown`, which gives it back. */
function rewriteThrows(node: AnyNode, text: MagicString): void {
  if (node.type === 'ThrowStatement' && !isNewError(node.argument))
    wrap(node.argument, text, '__suricate.thrown((', '))')
  for (const child of childrenOf(node)) rewriteThrows(child, text)
}

function isNewError(node: AnyNode): boolean {
  return (
    node.type === 'NewExpression' && node.callee.type === 'Identifier' && node.callee.name.endsWith('Error')
  )
}

/** `var E; (function (E) {...})(E || (E = {}))`, as Sucrase writes an enum. */
function findEnums(program: Program): Set<AnyNode> {
  const enums = new Set<AnyNode>()
  program.body.forEach((statement, index) => {
    const node = toDeclaration(statement)
    if (node.type !== 'VariableDeclaration' || node.kind !== 'var' || node.declarations.length !== 1) return
    const { id, init } = node.declarations[0]!
    const next = program.body[index + 1]
    if (init || id.type !== 'Identifier' || next?.type !== 'ExpressionStatement') return
    const call = next.expression
    if (call.type !== 'CallExpression' || call.callee.type !== 'FunctionExpression') return
    const [argument] = call.arguments
    if (argument?.type !== 'LogicalExpression' || argument.left.type !== 'Identifier') return
    if (argument.left.name === id.name && argument.operator === '||') enums.add(node)
  })
  return enums
}

function isEnum(node: AnyNode, before: AnyNode | undefined, enums: Set<AnyNode>): boolean {
  return (
    node.type === 'ExpressionStatement' &&
    before !== undefined &&
    (before.type === 'VariableDeclaration' || before.type === 'ExportNamedDeclaration') &&
    enums.has(toDeclaration(before))
  )
}
