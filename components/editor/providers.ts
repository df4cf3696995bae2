/** What the editor can do in cells with code, asked of the language worker: each question in Monaco's shape and back. */
import type * as Monaco from 'monaco-editor'
import type { LanguageClient } from './client.ts'
import type { CellSpan, Description, Edit } from './language/protocol.ts'
import type { MonacoApi } from './loaded.ts'
import { goToCell, tellCells, toCellId } from './session.ts'

type Model = Monaco.editor.ITextModel
const selector = ['typescript', 'sql']

export function toRange(model: Model, span: { start: number; length: number }): Monaco.IRange {
  const from = model.getPositionAt(span.start)
  const to = model.getPositionAt(span.start + span.length)
  return {
    startLineNumber: from.lineNumber,
    startColumn: from.column,
    endLineNumber: to.lineNumber,
    endColumn: to.column,
  }
}
/** The cell of a model and an offset in it, after the worker was told what changed. */
export function toPlace(model: Model, position: Monaco.IPosition): [cell: string, offset: number] {
  tellCells()
  return [toCellId(model.uri) ?? '', model.getOffsetAt(position)]
}
function toMarkdown({ code, text }: Description): Monaco.IMarkdownString[] {
  return [{ value: `\`\`\`typescript\n${code}\n\`\`\`` }, ...(text ? [{ value: text }] : [])]
}

export function registerProviders(monaco: MonacoApi, language: LanguageClient): void {
  const { languages } = monaco
  const modelOf = (cell: string): Model | undefined =>
    monaco.editor.getModels().find((model) => toCellId(model.uri) === cell)
  const toLocation = (span: CellSpan): Monaco.languages.Location[] => {
    const model = modelOf(span.cell)
    return model ? [{ uri: model.uri, range: toRange(model, span) }] : []
  }
  const toEdits = (edits: Edit[]): Monaco.languages.WorkspaceEdit => ({
    edits: edits.flatMap((edit) =>
      toLocation(edit).map(({ uri, range }) => ({
        resource: uri,
        versionId: undefined,
        textEdit: { range, text: edit.text },
      })),
    ),
  })

  languages.registerCompletionItemProvider('typescript', {
    triggerCharacters: ['.', '"', "'", '`'],
    provideCompletionItems: (model, position) => complete(monaco, language, model, position),
    async resolveCompletionItem(item) {
      const { place } = item as Item
      const name = typeof item.label === 'string' ? item.label : item.label.label
      const found = place && (await language.ask('describe', ...place, name))
      return found ? { ...item, detail: found.code, documentation: { value: found.text } } : item
    },
  })
  languages.registerSignatureHelpProvider(selector, {
    signatureHelpTriggerCharacters: ['(', ','],
    async provideSignatureHelp(model, position, _token, { isRetrigger, triggerCharacter }) {
      const trigger =
        triggerCharacter === undefined || isRetrigger
          ? { kind: isRetrigger ? 'retrigger' : 'invoked' }
          : { kind: 'characterTyped', triggerCharacter }
      const found = await language.ask('sign', ...toPlace(model, position), trigger)
      if (!found) return null
      const signatures = found.signatures.map(({ code, text, parameters }) => ({
        label: code,
        documentation: { value: text },
        parameters: parameters.map((one) => ({ label: one.label, documentation: { value: one.text } })),
      }))
      return {
        value: { signatures, activeSignature: found.active, activeParameter: found.parameter },
        dispose() {},
      }
    },
  })
  languages.registerHoverProvider(selector, {
    async provideHover(model, position) {
      const found = await language.ask('hover', ...toPlace(model, position))
      return found && { contents: toMarkdown(found), range: toRange(model, found.span) }
    },
  })
  languages.registerDefinitionProvider(selector, {
    async provideDefinition(model, position) {
      const found = await language.ask('define', ...toPlace(model, position))
      return found.flatMap((place) => {
        if (place.library === undefined) return toLocation(place)
        const uri = monaco.Uri.parse(`file:///declarations${place.cell}`)
        const text =
          monaco.editor.getModel(uri) ?? monaco.editor.createModel(place.library, 'typescript', uri)
        return [{ uri, range: toRange(text, place) }]
      })
    },
  })
  languages.registerReferenceProvider(selector, {
    async provideReferences(model, position) {
      return (await language.ask('refer', ...toPlace(model, position))).flatMap(toLocation)
    },
  })
  languages.registerDocumentHighlightProvider(selector, {
    async provideDocumentHighlights(model, position) {
      const { Read, Write } = languages.DocumentHighlightKind
      const found = await language.ask('highlight', ...toPlace(model, position))
      return found.map((span) => ({ range: toRange(model, span), kind: span.write ? Write : Read }))
    },
  })
  languages.registerRenameProvider(selector, {
    async resolveRenameLocation(model, position) {
      const found = await language.ask('canRename', ...toPlace(model, position))
      if ('reason' in found)
        return {
          range: toRange(model, { start: model.getOffsetAt(position), length: 0 }),
          text: '',
          rejectReason: found.reason,
        }
      const range = toRange(model, found.span)
      return { range, text: model.getValueInRange(range) }
    },
    async provideRenameEdits(model, position, name) {
      const found = await language.ask('rename', ...toPlace(model, position), name)
      return 'reason' in found ? { edits: [], rejectReason: found.reason } : toEdits(found)
    },
  })
  languages.registerDocumentFormattingEditProvider('typescript', {
    async provideDocumentFormattingEdits(model, { tabSize }) {
      const [cell] = toPlace(model, { lineNumber: 1, column: 1 })
      const edits = await language.ask('format', cell, tabSize)
      return edits.map((edit) => ({ range: toRange(model, edit), text: edit.text }))
    },
  })
  monaco.editor.registerEditorOpener({
    openCodeEditor(source, resource, selection) {
      const cell = toCellId(resource)
      const model = monaco.editor.getModel(resource)
      if (cell === undefined || !model) {
        // A library has no editor of its own; it is shown where one is.
        if (resource.path.startsWith('/declarations/'))
          source.trigger('keyboard', 'editor.action.peekDefinition', null)
        return false
      }
      const range = selection && 'startLineNumber' in selection ? selection : undefined
      const from = range
        ? { lineNumber: range.startLineNumber, column: range.startColumn }
        : (selection as Monaco.IPosition | undefined)
      const start = from ? model.getOffsetAt(from) : 0
      const end = range
        ? model.getOffsetAt({ lineNumber: range.endLineNumber, column: range.endColumn })
        : start
      goToCell(cell, { start, end })
      return true
    },
  })
  const { Shift, Alt } = monaco.KeyMod
  // The editor's own keys for it begin with Ctrl+K, which is the page's.
  monaco.editor.addKeybindingRule({
    keybinding: Alt | monaco.KeyCode.KeyI,
    command: 'editor.action.showHover',
    when: 'editorTextFocus',
  })
  monaco.editor.addKeybindingRule({
    keybinding: Shift | Alt | monaco.KeyCode.KeyF,
    command: 'editor.action.formatDocument',
    when: 'editorTextFocus',
  })
}

interface Item extends Monaco.languages.CompletionItem {
  place?: [cell: string, offset: number]
}
export async function complete(
  monaco: MonacoApi,
  language: LanguageClient,
  model: Model,
  position: Monaco.Position,
): Promise<Monaco.languages.CompletionList> {
  const place = toPlace(model, position)
  const word = model.getWordUntilPosition(position)
  const range = {
    startLineNumber: position.lineNumber,
    endLineNumber: position.lineNumber,
    startColumn: word.startColumn,
    endColumn: position.column,
  }
  const found = await language.ask('complete', ...place)
  if (model.isDisposed()) return { suggestions: [] }
  const suggestions = found.map((one): Item => ({
    label: one.name,
    insertText: one.insert,
    sortText: one.sort,
    // What was typed since the worker was asked belongs to the word.
    range: one.replaces ? toRange(model, one.replaces) : range,
    kind: toKind(monaco, one.kind),
    tags: one.deprecated ? [monaco.languages.CompletionItemTag.Deprecated] : [],
    place,
  }))
  return { suggestions }
}

function toKind(monaco: MonacoApi, kind: string): Monaco.languages.CompletionItemKind {
  const kinds = monaco.languages.CompletionItemKind
  switch (kind) {
    case 'keyword':
    case 'primitive type':
      return kinds.Keyword
    case 'const':
    case 'let':
    case 'var':
    case 'local var':
    case 'parameter':
    case 'alias':
      return kinds.Variable
    case 'property':
    case 'getter':
    case 'setter':
      return kinds.Field
    case 'function':
    case 'local function':
    case 'method':
      return kinds.Function
    case 'class':
      return kinds.Class
    case 'interface':
    case 'type':
      return kinds.Interface
    case 'enum':
      return kinds.Enum
    case 'module':
      return kinds.Module
    case 'string':
      return kinds.Constant
    default:
      return kinds.Property
  }
}
