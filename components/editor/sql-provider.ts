/** Completion of SQL in SQL cells and in sql`...` of TypeScript cells; in `${...}` it is that of TypeScript. */
import type * as Monaco from 'monaco-editor'
import { findQueries } from '../../runtime/notebook/query.ts'
import type { LanguageClient } from './client.ts'
import type { MonacoApi } from './loaded.ts'
import { complete, toPlace } from './providers.ts'
import { suggestSql, type SqlSuggestion } from './sql.ts'

export function registerSql(monaco: MonacoApi, language: LanguageClient): void {
  for (const type of ['sql', 'typescript'] as const)
    monaco.languages.registerCompletionItemProvider(type, {
      triggerCharacters: ['.', '"', ' '],
      async provideCompletionItems(model, position, context) {
        const source = model.getValue()
        const offset = model.getOffsetAt(position)
        const query = findQueries({ type, source }).find((one) => offset >= one.start && offset <= one.end)
        if (!query) return { suggestions: [] }
        if (query.values.some((value) => offset >= value.start && offset <= value.end))
          return type === 'sql' ? complete(monaco, language, model, position) : { suggestions: [] }
        const before = source.slice(query.start, offset)
        // A space asks for nothing but the table after FROM or JOIN.
        if (context.triggerCharacter === ' ' && !/\b(?:from|join) $/i.test(before)) return { suggestions: [] }
        toPlace(model, position)
        const tables = await language.ask('tables')
        if (model.isDisposed()) return { suggestions: [] }
        const found = suggestSql(source.slice(query.start, query.end), offset - query.start, tables)
        return { suggestions: found.map((one, i) => toItem(monaco, model, position, one, i)) }
      },
    })
}

function toItem(
  monaco: MonacoApi,
  model: Monaco.editor.ITextModel,
  position: Monaco.Position,
  suggestion: SqlSuggestion,
  index: number,
): Monaco.languages.CompletionItem {
  const line = model.getLineContent(position.lineNumber)
  const before = line.slice(0, position.column - 1)
  const open = before.split('"').length % 2 === 0
  const word = open ? before.slice(before.lastIndexOf('"')) : /\w*$/.exec(before)![0]
  const closes = open && line[position.column - 1] === '"'
  const { Field, Module, Keyword, Function } = monaco.languages.CompletionItemKind
  const kinds = { column: Field, table: Module, keyword: Keyword, function: Function }
  const insert = open && !suggestion.insert.startsWith('"') ? `"${suggestion.insert}"` : suggestion.insert
  return {
    label: { label: suggestion.label, description: suggestion.detail },
    insertText: insert,
    filterText: open ? `"${suggestion.label}` : suggestion.label,
    sortText: String(index).padStart(5, '0'),
    kind: kinds[suggestion.kind],
    range: {
      startLineNumber: position.lineNumber,
      endLineNumber: position.lineNumber,
      startColumn: position.column - word.length,
      endColumn: position.column + (closes ? 1 : 0),
    },
  }
}
