'use client'
/**
 * A bpftrace script in Monaco, its faults underlined while one types, and listed below for whoever sees no underline.
 * Until the editor has loaded, or where it does not, a plain field takes the text. Tab leaves it; Ctrl+Enter runs.
 */
import { Textarea, useComputedColorScheme } from '@mantine/core'
import type { editor } from 'monaco-editor'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { Fault } from '../../runtime/notebook/bpftrace/check.ts'
import { loadMonaco } from '../editor/load.ts'
import { languageId, registerBpftrace, setFaults, toPosition } from './bpftrace-language.ts'

interface Props {
  script: string
  faults: readonly Fault[]
  onChange: (script: string) => void
  onRun: () => void
}
export function ScriptEditor({ script, faults, onChange, onRun }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const made = useRef<editor.IStandaloneCodeEditor | null>(null)
  /** Typed here and perhaps not yet back as `script`: a late one must not overwrite what was typed since. */
  const typed = useRef(new Set<string>())
  const [ready, setReady] = useState(false)
  const dark = useComputedColorScheme('light') === 'dark'
  const changed = useEffectEvent(onChange)
  const run = useEffectEvent(onRun)
  const first = useEffectEvent(() => script)
  useEffect(() => {
    let gone = false
    let dispose = () => {}
    loadMonaco().then(
      ({ monaco }) => {
        if (gone || !place.current) return
        registerBpftrace(monaco)
        const model = monaco.editor.createModel(first(), languageId)
        const one = monaco.editor.create(place.current, { ...options, model, ariaLabel: 'Script' })
        made.current = one
        model.onDidChangeContent(() => {
          const text = model.getValue()
          typed.current.add(text)
          changed(text)
        })
        one.onKeyDown((event) => {
          if (event.browserEvent.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
          event.preventDefault()
          event.stopPropagation()
          run()
        })
        setReady(true)
        dispose = () => {
          one.dispose()
          model.dispose()
          made.current = null
        }
      },
      () => undefined, // the plain field stays
    )
    return () => {
      gone = true
      dispose()
    }
  }, [])
  useEffect(() => {
    const model = made.current?.getModel()
    if (!model) return
    if (model.getValue() === script) typed.current.clear()
    else if (!typed.current.has(script)) model.setValue(script)
  }, [script, ready])
  useEffect(() => {
    const model = made.current?.getModel()
    if (ready && model) setFaults(window.suricateMonaco!.monaco, model, faults)
  }, [faults, ready])
  useEffect(() => {
    if (ready) window.suricateMonaco?.monaco.editor.setTheme(dark ? 'suricate-dark' : 'suricate-light')
  }, [ready, dark])
  const go = (fault: Fault) => {
    const { line, column } = toPosition(script, fault.start)
    made.current?.setPosition({ lineNumber: line, column })
    made.current?.revealLineInCenterIfOutsideViewport(line)
    made.current?.focus()
  }
  return (
    <div className="stack">
      <div className="probe-editor" data-ready={ready || undefined}>
        <div ref={place} className="probe-monaco" hidden={!ready} />
        {!ready && (
          <Textarea
            aria-label="Script"
            className="mono"
            autosize
            minRows={9}
            maxRows={14}
            value={script}
            onChange={(event) => onChange(event.currentTarget.value)}
          />
        )}
      </div>
      <div aria-live="polite">
        {faults.length === 0 ? (
          <p className="dim">No errors.</p>
        ) : (
          <ul className="probe-faults" aria-label="Errors of the script">
            {faults.slice(0, 8).map((fault) => (
              <li key={`${fault.start}-${fault.message}`}>
                <button type="button" onClick={() => go(fault)}>
                  <span className="dim">Line {toPosition(script, fault.start).line}</span> {fault.message}
                </button>
              </li>
            ))}
            {faults.length > 8 && <li className="dim">and {faults.length - 8} more</li>}
          </ul>
        )}
      </div>
    </div>
  )
}

const options = {
  fontSize: 13,
  lineHeight: 20,
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  lineNumbersMinChars: 3,
  lineDecorationsWidth: 4,
  glyphMargin: false,
  folding: false,
  renderLineHighlight: 'none',
  overviewRulerLanes: 0,
  overviewRulerBorder: false,
  automaticLayout: true,
  fixedOverflowWidgets: true,
  padding: { top: 6, bottom: 6 },
  tabSize: 2,
  tabFocusMode: true,
  wordWrap: 'on',
  contextmenu: false,
  stickyScroll: { enabled: false },
  scrollbar: { alwaysConsumeMouseWheel: false },
} as const
