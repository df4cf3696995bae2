/**
 * Which names a cell uses and how. One walk with a chain of scopes answers: the free names (of other cells or of the
 * platform), the names used inside a function or class body (`captured`: they live on after the cell), and where a
 * constant of the cell is written to.
 */
import type {
  AnyNode,
  AssignmentExpression,
  Function,
  Identifier,
  Pattern,
  Program,
  TaggedTemplateExpression,
} from 'acorn'
import { findVariableNames } from './table-names.ts'
import { findBindings, findVars, type Kind } from './declarations.ts'
import { bindingsOf, childrenOf, isFunction } from './tree.ts'

export interface References {
  /** Names the cell does not declare, in order of first use. */
  free: Set<string>
  /** Names of the cell or free ones that a function or class body uses. */
  captured: Set<string>
  /** The free names with the offset of their first use: outside functions where there is one. */
  places: Map<string, Place>
  /** Writes to what the cell declares with const or import. */
  constantWrites: ConstantWrite[]
  /** Names of the cell or free ones that it uses at all. */
  used: Set<string>
  identifiers: Identifier[]
  queries: Query[]
}

/** A template of the platform's `sql` and the variables that it may mean by its tables. */
export interface Query {
  tag: Identifier
  names: string[]
}

export interface Place {
  start: number
  /** Outside functions and class bodies: it is read while the cell runs. */
  direct: boolean
}

export interface ConstantWrite {
  target: Identifier
  /** `({x} = y)` */
  shorthand: boolean
  /** `x ||= y`, which does not always write. */
  logical: AssignmentExpression | null
}

interface Scope {
  names: Set<string>
  parent: Scope | null
}

export function findReferences(program: Program, declarations: Map<string, Kind>): References {
  const found: References = {
    free: new Set(),
    captured: new Set(),
    places: new Map(),
    constantWrites: [],
    used: new Set(),
    identifiers: [],
    queries: [],
  }
  /** What the statements so far declare, and what the one that is visited does. */
  const declared = new Set<string>()
  let declaring = new Set<string>()

  const isOwn = (name: string, scope: Scope | null): boolean => {
    for (let at = scope; at; at = at.parent) if (at.names.has(name)) return true
    return false
  }
  const use = (node: Identifier, scope: Scope | null, nested: boolean): void => {
    found.identifiers.push(node)
    if (isOwn(node.name, scope)) return
    found.used.add(node.name)
    if (!declarations.has(node.name)) {
      found.free.add(node.name)
      const place = found.places.get(node.name)
      if (!place || (!place.direct && !nested))
        found.places.set(node.name, { start: node.start, direct: !nested })
    }
    if (nested) found.captured.add(node.name)
  }
  /** A query may name what was declared before it, and never what it makes itself. */
  const useTables = (node: TaggedTemplateExpression, scope: Scope | null, nested: boolean): void => {
    const { tag } = node
    if (tag.type !== 'Identifier' || tag.name !== 'sql') return
    if (declarations.has('sql') || isOwn('sql', scope)) return
    const names: string[] = []
    for (const { name, start } of findQueryNames(node)) {
      if (isOwn(name, scope) || declaring.has(name)) continue
      if (declarations.has(name)) {
        if (!nested && !declared.has(name)) continue
        found.used.add(name)
      } else {
        found.free.add(name)
        const place = found.places.get(name)
        if (!place || (!place.direct && !nested)) found.places.set(name, { start, direct: !nested })
      }
      found.captured.add(name)
      names.push(name)
    }
    if (names.length > 0) found.queries.push({ tag, names })
  }
  const write = (
    pattern: Pattern,
    scope: Scope | null,
    shorthand = false,
    logical: AssignmentExpression | null = null,
  ): void => {
    switch (pattern.type) {
      case 'Identifier': {
        const kind = declarations.get(pattern.name)
        if ((kind === 'const' || kind === 'import') && !isOwn(pattern.name, scope))
          found.constantWrites.push({ target: pattern, shorthand, logical })
        break
      }
      case 'ObjectPattern':
        for (const property of pattern.properties)
          if (property.type === 'RestElement') write(property.argument, scope)
          else if (property.shorthand) write(property.value, scope, true)
          else write(property.value, scope)
        break
      case 'ArrayPattern':
        for (const element of pattern.elements) if (element) write(element, scope)
        break
      case 'AssignmentPattern':
        write(pattern.left, scope, shorthand)
        break
      case 'RestElement':
        write(pattern.argument, scope)
        break
      default:
    }
  }

  const visitFunction = (node: Function, scope: Scope | null): void => {
    const own = new Set(node.params.flatMap((parameter) => bindingsOf(parameter).map(({ name }) => name)))
    if (node.type !== 'ArrowFunctionExpression') own.add('arguments')
    if (node.type === 'FunctionExpression' && node.id) own.add(node.id.name)
    if (node.body.type === 'BlockStatement') {
      for (const statement of node.body.body) addVars(statement, own)
      for (const name of lexicalNames(node.body.body)) own.add(name)
    }
    const inner = { names: own, parent: scope }
    for (const parameter of node.params) visit(parameter, inner, true)
    if (node.body.type === 'BlockStatement')
      for (const statement of node.body.body) visit(statement, inner, true)
    else visit(node.body, inner, true)
  }

  const visitAll = (nodes: AnyNode[], scope: Scope | null, nested: boolean): void => {
    for (const node of nodes) visit(node, scope, nested)
  }

  const visit = (node: AnyNode, scope: Scope | null, nested: boolean): void => {
    if (isFunction(node)) return visitFunction(node as Function, scope)
    switch (node.type) {
      case 'Identifier':
        return use(node, scope, nested)
      case 'MemberExpression':
        visit(node.object, scope, nested)
        if (node.computed) visit(node.property, scope, nested)
        return
      case 'Property':
        if (node.computed) visit(node.key, scope, nested)
        return visit(node.value, scope, nested)
      case 'MethodDefinition':
      case 'PropertyDefinition':
        if (node.computed) visit(node.key, scope, nested)
        if (node.value) visit(node.value, scope, true)
        return
      case 'ClassDeclaration':
      case 'ClassExpression': {
        const inner = node.id ? { names: new Set([node.id.name]), parent: scope } : scope
        if (node.superClass) visit(node.superClass, inner, nested)
        return visitAll(node.body.body, inner, true)
      }
      case 'StaticBlock': {
        const own = lexicalNames(node.body)
        for (const statement of node.body) addVars(statement, own)
        return visitAll(node.body, { names: own, parent: scope }, true)
      }
      case 'BlockStatement':
        return visitAll(node.body, { names: lexicalNames(node.body), parent: scope }, nested)
      case 'SwitchStatement': {
        visit(node.discriminant, scope, nested)
        const own = lexicalNames(node.cases.flatMap((branch) => branch.consequent))
        return visitAll(node.cases, { names: own, parent: scope }, nested)
      }
      case 'CatchClause': {
        const own = new Set(bindingsOf(node.param ?? null).map(({ name }) => name))
        const inner = { names: own, parent: scope }
        if (node.param) visit(node.param, inner, nested)
        return visit(node.body, inner, nested)
      }
      case 'ForStatement':
        return visitAll(
          childrenOf(node),
          {
            names: lexicalNames(node.init?.type === 'VariableDeclaration' ? [node.init] : []),
            parent: scope,
          },
          nested,
        )
      case 'ForInStatement':
      case 'ForOfStatement': {
        const declares = node.left.type === 'VariableDeclaration'
        const inner = { names: lexicalNames(declares ? [node.left] : []), parent: scope }
        if (node.left.type !== 'VariableDeclaration') write(node.left, scope)
        return visitAll(childrenOf(node), inner, nested)
      }
      case 'AssignmentExpression': {
        const logical = /^(&&|\|\||\?\?)=$/.test(node.operator) ? node : null
        write(node.left, scope, false, logical)
        return visitAll([node.left, node.right], scope, nested)
      }
      case 'UpdateExpression':
        if (node.argument.type === 'Identifier') write(node.argument, scope)
        return visit(node.argument, scope, nested)
      case 'TaggedTemplateExpression':
        useTables(node, scope, nested)
        return visitAll(childrenOf(node), scope, nested)
      case 'LabeledStatement':
        return visit(node.body, scope, nested)
      case 'ImportDeclaration':
        for (const specifier of node.specifiers) found.identifiers.push(specifier.local)
        return
      case 'ExportNamedDeclaration':
        if (node.declaration) visit(node.declaration, scope, nested)
        return
      case 'BreakStatement':
      case 'ContinueStatement':
      case 'MetaProperty':
        return
      default:
        return visitAll(childrenOf(node), scope, nested)
    }
  }

  for (const statement of program.body) {
    if (statement.type === 'FunctionDeclaration') found.identifiers.push(statement.id)
    declaring = new Set(findBindings({ ...program, body: [statement] }).map(({ id }) => id.name))
    visit(statement, null, false)
    for (const name of declaring) declared.add(name)
  }
  return found
}

/** The names of a template's text, with the place of each in the cell; `$1` stands for what is bound. */
function findQueryNames({ quasi }: TaggedTemplateExpression): { name: string; start: number }[] {
  const starts: { at: number; start: number }[] = []
  let text = ''
  for (const [index, part] of quasi.quasis.entries()) {
    if (index > 0) text += `$${index}`
    starts.push({ at: text.length, start: part.start })
    text += part.value.cooked ?? ''
  }
  return findVariableNames(text).map(({ name, start }) => {
    const part = starts.findLast(({ at }) => at <= start)!
    return { name, start: part.start + start - part.at }
  })
}

function addVars(statement: AnyNode, names: Set<string>): void {
  for (const declaration of findVars(statement))
    for (const { id } of declaration.declarations) for (const { name } of bindingsOf(id)) names.add(name)
}

/** Names that belong to a block itself. */
function lexicalNames(body: readonly AnyNode[]): Set<string> {
  const names = new Set<string>()
  for (const node of body)
    if ((node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') && node.id)
      names.add(node.id.name)
    else if (node.type === 'VariableDeclaration' && node.kind !== 'var')
      for (const { id } of node.declarations) for (const { name } of bindingsOf(id)) names.add(name)
  return names
}
