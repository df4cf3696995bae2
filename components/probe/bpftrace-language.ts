/** bpftrace in the editor: colours by a grammar, and the checker's faults as markers. */
import type { MonacoApi } from '../editor/loaded.ts'
import type { Fault } from '../../runtime/notebook/bpftrace/check.ts'
import { builtins, functions, keywords, probeForms, types } from '../../runtime/notebook/bpftrace/words.ts'

export const languageId = 'bpftrace'

export function registerBpftrace(monaco: MonacoApi): void {
  if (monaco.languages.getLanguages().some(({ id }) => id === languageId)) return
  monaco.languages.register({ id: languageId, extensions: ['.bt'] })
  monaco.languages.setLanguageConfiguration(languageId, {
    comments: { lineComment: '//', blockComment: ['/*', '*/'] },
    brackets: [
      ['{', '}'],
      ['[', ']'],
      ['(', ')'],
    ],
    autoClosingPairs: [
      { open: '{', close: '}' },
      { open: '[', close: ']' },
      { open: '(', close: ')' },
      { open: '"', close: '"' },
    ],
  })
  monaco.languages.setMonarchTokensProvider(languageId, {
    probes: [...probeForms.keys()].filter((name) => name.length > 1),
    builtins: [...builtins],
    functions: [...functions],
    keywords: [...keywords],
    types: [...types],
    tokenizer: {
      root: [
        [/\/\/.*$/, 'comment'],
        [/\/\*/, 'comment', '@comment'],
        [/^\s*#.*$/, 'keyword.directive'],
        [/"/, 'string', '@text'],
        [/\b(BEGIN|END)\b/, 'type'],
        [/[a-z]\w*(?=:[^:])/, { cases: { '@probes': 'type', '@default': 'identifier' } }],
        [/@\w*/, 'variable'],
        [/\$\w+/, 'variable.predefined'],
        [/\b(0x[\da-fA-F]+|\d[\d_]*(\.\d+)?(e\d+)?)(ns|us|ms|s)?\b/, 'number'],
        [
          /[a-zA-Z_]\w*(?=\s*\()/,
          { cases: { '@keywords': 'keyword', '@functions': 'predefined', '@default': 'identifier' } },
        ],
        [
          /[a-zA-Z_]\w*/,
          {
            cases: {
              '@keywords': 'keyword',
              '@types': 'type',
              '@builtins': 'constant',
              '@default': 'identifier',
            },
          },
        ],
        [/[{}()[\]]/, '@brackets'],
        [/[-+*/%&|^!<>=?:.,;]+/, 'delimiter'],
      ],
      comment: [
        [/\*\//, 'comment', '@pop'],
        [/./, 'comment'],
      ],
      text: [
        [/\\./, 'string.escape'],
        [/"/, 'string', '@pop'],
        [/[^"\\]+/, 'string'],
        [/$/, 'string', '@pop'],
      ],
    },
  })
}

export function toPosition(script: string, offset: number): { line: number; column: number } {
  const before = script.slice(0, offset).split('\n')
  return { line: before.length, column: before.at(-1)!.length + 1 }
}
export function setFaults(
  monaco: MonacoApi,
  model: Parameters<MonacoApi['editor']['setModelMarkers']>[0],
  faults: readonly Fault[],
): void {
  const markers = faults.map(({ start, end, message }) => {
    const from = model.getPositionAt(start)
    const to = model.getPositionAt(Math.max(end, start + 1))
    return {
      severity: monaco.MarkerSeverity.Error,
      message,
      startLineNumber: from.lineNumber,
      startColumn: from.column,
      endLineNumber: to.lineNumber,
      endColumn: to.column,
    }
  })
  monaco.editor.setModelMarkers(model, 'bpftrace', markers)
}
