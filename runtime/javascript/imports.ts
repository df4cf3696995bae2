/** What a cell imports, and the forms of import and export that a cell cannot have. */
import type { AnyNode, ImportDeclaration, ImportExpression, Program } from 'acorn'
import { childrenOf } from './tree.ts'

export interface Imports {
  /** The specifiers of import declarations, in order, each once. */
  specifiers: string[]
  /** Local name -> specifier. */
  names: Map<string, string>
  dynamic: ImportExpression[]
  /** `import.meta`, re-exports and import attributes, with what to say. */
  refused: { node: AnyNode; message: string }[]
}

export function findImports(program: Program): Imports {
  const found: Imports = { specifiers: [], names: new Map(), dynamic: [], refused: [] }
  const visit = (node: AnyNode): void => {
    switch (node.type) {
      case 'ImportDeclaration':
        if (node.attributes.length > 0)
          found.refused.push({ node, message: 'Import attributes are not supported in a cell' })
        if (!found.specifiers.includes(toSpecifier(node))) found.specifiers.push(toSpecifier(node))
        for (const { local } of node.specifiers) found.names.set(local.name, toSpecifier(node))
        break
      case 'ImportExpression':
        found.dynamic.push(node)
        break
      case 'MetaProperty':
        if (node.meta.name === 'import')
          found.refused.push({ node, message: '`import.meta` is not available in a cell' })
        break
      case 'ExportAllDeclaration':
        found.refused.push({
          node,
          message: '`export ... from` is not supported in a cell; import it instead',
        })
        break
      case 'ExportNamedDeclaration':
        if (node.source)
          found.refused.push({
            node,
            message: '`export ... from` is not supported in a cell; import it instead',
          })
        break
      default:
    }
    for (const child of childrenOf(node)) visit(child)
  }
  visit(program)
  return found
}

export function toSpecifier(node: ImportDeclaration): string {
  return String(node.source.value)
}
