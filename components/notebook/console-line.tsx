'use client'
/**
 * An interactive line beside a notebook: quick expressions in its kernel that do not become part of it. What they
 * declare stays in the kernel as scratch. The lines are remembered for the tab, the outputs until it closes.
 */
import { Button, Group, Textarea } from '@mantine/core'
import { useRef, useState, type KeyboardEvent } from 'react'
import type { Execution, Output } from '../../runtime/api/runs.ts'
import { Outputs } from '../output/outputs.tsx'
import { OutputStage } from '../output/stage.tsx'
import { client, toText } from '../ui/api.ts'
import type { PanelProps } from './panel.ts'
import './kernel-panels.css'

const kept = 100
const waitSeconds = 120
interface Entry {
  id: number
  source: string
  outputs: Output[]
  note: string | null
}
let nextId = 0

export function ConsoleLine({ kernel, notebook, values }: PanelProps) {
  const [entries, setEntries] = useState<Entry[]>([])
  const [source, setSource] = useState('')
  const [busy, setBusy] = useState(false)
  const history = useRef(readHistory(notebook.id))
  /** Counted from the newest; -1: the line that is being written, which waits in `draft`. */
  const place = useRef(-1)
  const draft = useRef('')

  async function run() {
    const text = source.trim()
    if (text === '' || busy) return
    history.current = [text, ...history.current.filter((line) => line !== text)].slice(0, kept)
    keepHistory(notebook.id, history.current)
    place.current = -1
    setSource('')
    setBusy(true)
    const entry = { id: ++nextId, source: text, outputs: [], note: null }
    setEntries((all) => [entry, ...all].slice(0, kept))
    const told = await execute(kernel, text, values)
    setEntries((all) => all.map((one) => (one.id === entry.id ? { ...one, ...told } : one)))
    setBusy(false)
  }
  function look(step: 1 | -1): boolean {
    const to = place.current + step
    if (to < -1 || to >= history.current.length) return false
    if (place.current === -1) draft.current = source
    place.current = to
    setSource(to === -1 ? draft.current : history.current[to]!)
    return true
  }
  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    const { value, selectionStart, selectionEnd } = event.currentTarget
    const plain = !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault()
      void run()
    } else if (event.key === 'ArrowUp' && plain && !value.slice(0, selectionStart).includes('\n')) {
      if (look(1)) event.preventDefault()
    } else if (event.key === 'ArrowDown' && plain && !value.slice(selectionEnd).includes('\n')) {
      if (look(-1)) event.preventDefault()
    }
  }
  return (
    <div className="stack">
      <Textarea
        label="Expression"
        description="Enter runs it, Shift+Enter breaks the line, the arrows bring earlier lines back. It does not touch the notebook."
        autosize
        minRows={1}
        maxRows={8}
        autoFocus
        data-autofocus
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        value={source}
        onChange={(event) => {
          place.current = -1
          setSource(event.currentTarget.value)
        }}
        onKeyDown={onKeyDown}
      />
      <Group gap={8}>
        <Button onClick={() => void run()} disabled={busy || source.trim() === ''}>
          Evaluate
        </Button>
        {busy && (
          <Button variant="default" onClick={() => void kernel.interrupt()}>
            Interrupt
          </Button>
        )}
        {entries.length > 0 && !busy && (
          <Button variant="subtle" color="gray" onClick={() => setEntries([])}>
            Clear
          </Button>
        )}
      </Group>
      <OutputStage>
        <ol className="console-list" aria-label="Evaluated lines" aria-live="polite">
          {entries.map((entry, index) => (
            <li key={entry.id}>
              <pre className="console-source">{entry.source}</pre>
              <Outputs outputs={entry.outputs} scope={`line-${entry.id}`} />
              {entry.note !== null && <p className="dim">{entry.note}</p>}
              {busy && index === 0 && <p className="dim">running</p>}
            </li>
          ))}
        </ol>
      </OutputStage>
    </div>
  )
}

async function execute(
  kernel: PanelProps['kernel'],
  source: string,
  values: PanelProps['values'],
): Promise<Pick<Entry, 'outputs' | 'note'>> {
  try {
    const { id } = await kernel.open()
    const answer = await client.call('execute', {
      params: { id },
      query: { wait: waitSeconds },
      body: { source, parameters: values as Record<string, string> },
    })
    return { outputs: answer.outputs, note: toNote(answer) }
  } catch (error) {
    return { outputs: [], note: toText(error) }
  }
}
function toNote({ state, outputs, error }: Execution): string | null {
  if (state === 'queued' || state === 'running')
    return `It still runs after ${waitSeconds / 60} minutes; what it shows from now on is not listed here.`
  if (outputs.length > 0) return null
  return error ? `${error.name}: ${error.message}` : 'Done, without a value.'
}

const historyKey = (notebook: string): string => `suricate.console.${notebook}`
function readHistory(notebook: string): string[] {
  if (typeof sessionStorage === 'undefined') return []
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(historyKey(notebook)) ?? '[]')
    return Array.isArray(found) ? found.filter((line) => typeof line === 'string').slice(0, kept) : []
  } catch {
    return []
  }
}
function keepHistory(notebook: string, lines: string[]): void {
  try {
    sessionStorage.setItem(historyKey(notebook), JSON.stringify(lines))
  } catch {
    // A full or closed storage costs the history of the next page alone.
  }
}
