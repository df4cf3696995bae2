'use client'
/**
 * One cell's source in Monaco, as high as its text. Until the cell comes near the window (and the editor has loaded)
 * the same text stands there plainly, so that a long notebook opens at once and nothing jumps.
 */
import { useComputedColorScheme } from '@mantine/core'
import type { editor, IKeyboardEvent, IMarkdownString } from 'monaco-editor'
import { useEffect, useEffectEvent, useImperativeHandle, useRef, useState, type Ref } from 'react'
import type { Cell } from '../../runtime/api/notebooks.ts'
import { loadMonaco } from './load.ts'
import { releaseModel, takeModel } from './session.ts'
import './editor.css'

export interface EditorHandle {
  focus(): void
  /** Where the cursor stands in the source. */
  offset(): number
  /** Selects this stretch of the source and goes there. */
  select(start: number, end: number): void
}
export interface Mark {
  line: number
  column: number
  message: string
}
export interface CellEditorProps {
  cell: Cell
  label: string
  mark: Mark | null
  /** When it changes, the source came from elsewhere and the editor shows it. */
  generation: number
  handle?: Ref<EditorHandle>
  onChange: (source: string) => void
  onFocus: () => void
  /** True when the key was used. */
  onKey: (event: KeyboardEvent) => boolean
}

export function CellEditor(props: CellEditorProps) {
  const { cell, label, mark, generation } = props
  const place = useRef<HTMLDivElement>(null)
  const made = useRef<editor.IStandaloneCodeEditor | null>(null)
  const wantFocus = useRef(false)
  const wantSelection = useRef<[start: number, end: number] | null>(null)
  const [near, setNear] = useState(false)
  const [ready, setReady] = useState(false)
  const dark = useComputedColorScheme('light') === 'dark'
  const changed = useEffectEvent(props.onChange)
  const focused = useEffectEvent(props.onFocus)
  const pressed = useEffectEvent(props.onKey)
  const first = useEffectEvent(() => ({ cell, label }))

  const select = (start: number, end: number) => {
    wantSelection.current = [start, end]
    setNear(true)
    const model = made.current?.getModel()
    if (!made.current || !model) return
    wantSelection.current = null
    const from = model.getPositionAt(start)
    const to = model.getPositionAt(end)
    made.current.setSelection({
      startLineNumber: from.lineNumber,
      startColumn: from.column,
      endLineNumber: to.lineNumber,
      endColumn: to.column,
    })
    made.current.focus()
  }
  useImperativeHandle(props.handle, () => ({
    focus() {
      wantFocus.current = true
      setNear(true)
      made.current?.focus()
    },
    offset() {
      const position = made.current?.getPosition()
      return position ? (made.current?.getModel()?.getOffsetAt(position) ?? 0) : 0
    },
    select,
  }))
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setNear(true),
      { rootMargin: '600px' },
    )
    observer.observe(place.current!)
    return () => observer.disconnect()
  }, [])
  useEffect(() => {
    if (!near) return
    let gone = false
    let dispose = () => {}
    void loadMonaco().then(({ monaco }) => {
      if (gone || !place.current) return
      const start = first()
      const model = takeModel(monaco, start.cell)
      place.current.replaceChildren()
      const one = monaco.editor.create(place.current, { ...editorOptions, model, ariaLabel: start.label })
      made.current = one
      const fit = () => {
        if (!place.current) return
        place.current.style.height = `${Math.max(20, one.getContentHeight())}px`
        one.layout()
      }
      fit()
      one.onDidContentSizeChange(fit)
      const listening = model.onDidChangeContent(() => changed(model.getValue()))
      one.onDidFocusEditorText(() => focused())
      one.onKeyDown((event: IKeyboardEvent) => {
        if (!pressed(event.browserEvent)) return
        event.preventDefault()
        event.stopPropagation()
      })
      if (wantFocus.current) one.focus()
      if (wantSelection.current) select(...wantSelection.current)
      setReady(true)
      dispose = () => {
        listening.dispose()
        one.dispose()
        releaseModel(model)
        made.current = null
      }
    })
    return () => {
      gone = true
      dispose()
      setReady(false)
    }
  }, [near, cell.id, cell.type])
  useEffect(() => {
    const model = made.current?.getModel()
    const { source } = first().cell
    if (generation > 0 && model && model.getValue() !== source) model.setValue(source)
  }, [generation])
  useEffect(() => {
    if (ready) window.suricateMonaco?.monaco.editor.setTheme(dark ? 'suricate-dark' : 'suricate-light')
  }, [ready, dark])
  useEffect(() => {
    const one = made.current
    const monaco = window.suricateMonaco?.monaco
    if (!ready || !one || !monaco || !mark) return
    const hoverMessage: IMarkdownString = {
      value: mark.message.replaceAll(/[\\`*_{}[\]<>()#+!|-]/g, String.raw`\$&`),
    }
    const marks = one.createDecorationsCollection([
      {
        range: new monaco.Range(mark.line, 1, mark.line, 1),
        options: {
          isWholeLine: true,
          className: 'error-line',
          linesDecorationsClassName: 'error-edge',
          hoverMessage,
        },
      },
    ])
    return () => marks.clear()
  }, [ready, mark])
  return (
    <div ref={place} className="cell-editor" data-ready={ready || undefined} suppressHydrationWarning>
      <pre>{cell.source || ' '}</pre>
    </div>
  )
}

const editorOptions = {
  fontSize: 13,
  lineHeight: 20,
  fontFamily: 'ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  lineNumbers: 'off',
  glyphMargin: false,
  folding: false,
  lineDecorationsWidth: 8,
  lineNumbersMinChars: 0,
  renderLineHighlight: 'none',
  overviewRulerLanes: 0,
  hideCursorInOverviewRuler: true,
  overviewRulerBorder: false,
  scrollbar: {
    vertical: 'hidden',
    horizontal: 'auto',
    alwaysConsumeMouseWheel: false,
    handleMouseWheel: true,
    horizontalScrollbarSize: 8,
  },
  wordWrap: 'on',
  automaticLayout: true,
  fixedOverflowWidgets: true,
  padding: { top: 4, bottom: 4 },
  tabSize: 2,
  contextmenu: false,
  stickyScroll: { enabled: false },
  unicodeHighlight: { ambiguousCharacters: false },
  occurrencesHighlight: 'off',
  tabFocusMode: false,
} as const
