/** What the page asks of the language service, in its own shapes and in places of cells. */
import {
  typescript as ts,
  type Part,
  type Place as TypeScriptPlace,
  type Tag,
} from 'monaco-editor/languages/features/typescript/lib/typescriptServices.js'
import type { CellSpan, Edit, Language, Place, Suggestion } from './protocol.ts'
import { programFile, type Service } from './service.ts'
import { findTables } from './tables.ts'

export function createLanguage(service: Service): Language {
  const { language } = service
  /** Asks about a place of a cell; undefined when the program does not have it. */
  const at = <T>(cell: string, offset: number, ask: (position: number) => T): T | undefined => {
    const position = service.virtual().toProgram(cell, offset)
    return position === undefined ? undefined : ask(position)
  }
  const toSpan = (span: { start: number; length: number }): CellSpan | undefined =>
    service.virtual().toCell(span.start, span.length)
  const toSpans = (places: readonly TypeScriptPlace[] | undefined): CellSpan[] =>
    (places ?? []).flatMap((place) => (place.fileName === programFile ? (toSpan(place.textSpan) ?? []) : []))
  return {
    complete(cell, offset) {
      const found = at(cell, offset, (position) =>
        language.getCompletionsAtPosition(programFile, position, {
          includeCompletionsWithInsertText: true,
          includeAutomaticOptionalChainCompletions: true,
        }),
      )
      return (found?.entries ?? []).map((entry): Suggestion => ({
        name: entry.name,
        kind: entry.kind,
        deprecated: entry.kindModifiers?.includes('deprecated') ?? false,
        sort: entry.sortText,
        insert: entry.insertText ?? entry.name,
        replaces: entry.replacementSpan ? (toSpan(entry.replacementSpan) ?? null) : null,
      }))
    },
    describe(cell, offset, name) {
      const found = at(cell, offset, (position) =>
        language.getCompletionEntryDetails(
          programFile,
          position,
          name,
          undefined,
          undefined,
          undefined,
          undefined,
        ),
      )
      return found
        ? { code: ts.displayPartsToString(found.displayParts), text: toText(found.documentation, found.tags) }
        : null
    },
    hover(cell, offset) {
      const found = at(cell, offset, (position) => language.getQuickInfoAtPosition(programFile, position))
      const span = found && toSpan(found.textSpan)
      return span
        ? {
            code: ts.displayPartsToString(found.displayParts),
            text: toText(found.documentation, found.tags),
            span,
          }
        : null
    },
    sign(cell, offset, trigger) {
      const found = at(cell, offset, (position) =>
        language.getSignatureHelpItems(programFile, position, { triggerReason: trigger }),
      )
      if (!found) return null
      return {
        active: found.selectedItemIndex,
        parameter: found.argumentIndex,
        signatures: found.items.map((item) => {
          const labels = item.parameters.map((one) => ts.displayPartsToString(one.displayParts))
          return {
            code: [
              ts.displayPartsToString(item.prefixDisplayParts),
              labels.join(ts.displayPartsToString(item.separatorDisplayParts)),
              ts.displayPartsToString(item.suffixDisplayParts),
            ].join(''),
            text: toText(item.documentation, item.tags),
            parameters: item.parameters.map((one, i) => ({
              label: labels[i]!,
              text: ts.displayPartsToString(one.documentation),
            })),
          }
        }),
      }
    },
    define(cell, offset) {
      const found = at(cell, offset, (position) => language.getDefinitionAtPosition(programFile, position))
      return (found ?? []).flatMap((place): Place[] => {
        if (place.fileName === programFile) return [toSpan(place.textSpan) ?? []].flat()
        const library = service.text(place.fileName)
        return library === undefined ? [] : [{ cell: place.fileName, ...place.textSpan, library }]
      })
    },
    refer: (cell, offset) =>
      toSpans(at(cell, offset, (position) => language.getReferencesAtPosition(programFile, position))),
    highlight(cell, offset) {
      const found = at(cell, offset, (position) =>
        language.getDocumentHighlights(programFile, position, [programFile]),
      )
      const spans = (found ?? []).flatMap((file) => file.highlightSpans)
      return spans.flatMap(({ textSpan, kind }) => {
        const span = toSpan(textSpan)
        return span?.cell === cell ? { ...span, write: kind === 'writtenReference' } : []
      })
    },
    canRename(cell, offset) {
      const info = at(cell, offset, (position) =>
        language.getRenameInfo(programFile, position, { allowRenameOfImportPath: false }),
      )
      const span = info?.canRename && info.triggerSpan ? toSpan(info.triggerSpan) : undefined
      return span ? { span } : { reason: info?.localizedErrorMessage ?? 'This cannot be renamed.' }
    },
    rename(cell, offset, name) {
      const found = at(cell, offset, (position) =>
        language.findRenameLocations(programFile, position, false, false, {
          providePrefixAndSuffixTextForRename: true,
        }),
      )
      const edits: Edit[] = []
      for (const { fileName, textSpan, prefixText = '', suffixText = '' } of found ?? []) {
        if (fileName !== programFile) return { reason: 'Its name belongs to a library.' }
        const span = toSpan(textSpan)
        if (!span)
          return { reason: 'Its name does not stand in a cell. Give the SQL cell a line -- name: x.' }
        edits.push({ ...span, text: prefixText + name + suffixText })
      }
      return edits
    },
    format(cell, tab) {
      const found = service.cells().find((one) => one.id === cell)
      if (found?.type !== 'typescript' || service.isBroken(cell)) return []
      const edits = language.getFormattingEditsForDocument(service.setFormatted(found.source), {
        ...formatOptions,
        tabSize: tab,
        indentSize: tab,
      })
      return edits.map(({ span, newText }) => ({ cell, ...span, text: newText }))
    },
    tables: () => findTables(service),
  }
}

const formatOptions = {
  convertTabsToSpaces: true,
  indentStyle: 2,
  newLineCharacter: '\n',
  trimTrailingWhitespace: true,
  semicolons: 'ignore',
  insertSpaceAfterCommaDelimiter: true,
  insertSpaceAfterSemicolonInForStatements: true,
  insertSpaceBeforeAndAfterBinaryOperators: true,
  insertSpaceAfterKeywordsInControlFlowStatements: true,
  insertSpaceAfterFunctionKeywordForAnonymousFunctions: true,
  insertSpaceAfterOpeningAndBeforeClosingNonemptyBraces: true,
  insertSpaceAfterOpeningAndBeforeClosingNonemptyParenthesis: false,
  insertSpaceAfterOpeningAndBeforeClosingNonemptyBrackets: false,
}

/** Documentation and its tags as Markdown. */
function toText(documentation: Part[] | undefined, tags: Tag[] | undefined): string {
  const lines = [ts.displayPartsToString(documentation)]
  for (const { name, text } of tags ?? []) lines.push(`*@${name}* ${ts.displayPartsToString(text)}`.trim())
  return lines.filter(Boolean).join('\n\n')
}
