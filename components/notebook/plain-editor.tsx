'use client'
/**
 * A cell's source where Monaco does not serve: on a narrow screen, most of all on a telephone. A plain field as high
 * as its text; Tab indents (after Esc it goes to the next control, as everywhere), a button does it without the key.
 */
import { Button } from '@mantine/core'
import { useImperativeHandle, useLayoutEffect, useRef, type KeyboardEvent as ReactKeyboardEvent } from 'react'
import type { CellEditorProps } from '../editor/cell-editor.tsx'
import { indent, type Edited } from './indent.ts'

export function PlainEditor({ cell, label, mark, handle, onChange, onFocus, onKey }: CellEditorProps) {
  const field = useRef<HTMLTextAreaElement>(null)
  const free = useRef(false)
  useLayoutEffect(() => {
    const element = field.current!
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight}px`
  }, [cell.source])
  useImperativeHandle(handle, () => ({
    focus: () => field.current?.focus(),
    offset: () => field.current?.selectionStart ?? 0,
    select(start, end) {
      field.current?.focus()
      field.current?.setSelectionRange(start, end)
    },
  }))
  const put = (next: Edited) => {
    onChange(next.text)
    requestAnimationFrame(() => field.current?.setSelectionRange(next.start, next.end))
  }
  const shift = (back: boolean) => {
    const { value, selectionStart, selectionEnd } = field.current!
    put(indent(value, selectionStart, selectionEnd, back))
  }
  const key = (event: ReactKeyboardEvent) => {
    if (event.key === 'Tab' && !free.current && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault()
      return shift(event.shiftKey)
    }
    free.current = event.key === 'Escape'
    if (onKey(event.nativeEvent)) event.preventDefault()
  }
  return (
    <div className="plain-editor">
      <textarea
        ref={field}
        aria-label={label}
        aria-invalid={mark !== null || undefined}
        title={mark?.message}
        rows={1}
        spellCheck={cell.type === 'markdown'}
        autoCapitalize="off"
        autoCorrect="off"
        autoComplete="off"
        value={cell.source}
        onChange={(event) => onChange(event.currentTarget.value)}
        onFocus={onFocus}
        onKeyDown={key}
      />
      <Button
        className="plain-tab"
        variant="default"
        aria-label="Indent"
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => shift(false)}
      >
        Tab
      </Button>
    </div>
  )
}
