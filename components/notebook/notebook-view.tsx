'use client'
/** The notebook's page: what it edits (draft), what runs (kernel), and the commands that join the two. */
import { Button, Group } from '@mantine/core'
import { useCallbackRef } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useCallback, useMemo, useRef, useState } from 'react'
import type { Cell, Notebook } from '../../runtime/api/notebooks.ts'
import { deleteCell, insertCell, moveCell, updateCell } from '../../runtime/notebook/notebook.ts'
import { findParameters } from '../../runtime/notebook/declared.ts'
import { OutputStage } from '../output/stage.tsx'
import { openPalette } from '../ui/palette.tsx'
import { CellView, type CellCommand } from './cell-view.tsx'
import { newCellId, useDraft } from './draft.ts'
import { useKernel } from './kernel.ts'
import { toCommand } from './keys.ts'
import { NotebookHead } from './notebook-head.tsx'
import { ParameterForm, type ParameterValues } from './parameter-form.tsx'
import { SaveConflict } from './save-conflict.tsx'
import type { PanelName } from './panel.ts'
import { SidePanel } from './side-panel.tsx'
import './notebook.css'

export function NotebookView({ notebook }: { notebook: Notebook }) {
  const draft = useDraft(notebook)
  const kernel = useKernel(notebook.id)
  const [selected, setSelected] = useState<string | null>(draft.cells[0]?.id ?? null)
  const [panel, setPanel] = useState<PanelName | null>(null)
  const [codeHidden, setCodeHidden] = useState(false)
  const [values, setValues] = useState<ParameterValues>({})
  const focusers = useRef(new Map<string, (edit: boolean) => void>())
  const deleted = useRef<{ cell: Cell; index: number }[]>([])
  const schema = useMemo(() => findParameters(draft.cells).schema, [draft.cells])
  const { cells } = draft

  const focus = (id: string | undefined, edit: boolean) => {
    if (id === undefined) return
    setSelected(id)
    requestAnimationFrame(() => focusers.current.get(id)?.(edit))
  }
  const insert = (index: number, type: Cell['type'] = 'typescript', edit = true) => {
    const cell: Cell = { id: newCellId(), type, source: '' }
    draft.edit((all) => insertCell(all, index, cell))
    focus(cell.id, edit)
  }
  const run = async (ids: string[]) => {
    // The server knows a cell's place and type from what is saved.
    await draft.flush()
    return kernel.run(
      draft.now().filter((cell) => ids.includes(cell.id)),
      values,
    )
  }
  const onCommand = useCallbackRef((id: string, name: CellCommand) => {
    const cells = draft.now()
    const index = cells.findIndex((cell) => cell.id === id)
    const cell = cells[index]
    if (!cell) return
    switch (name) {
      case 'select':
        return setSelected(id)
      case 'run':
        return void run([id])
      case 'run-next':
        void run([id])
        return index === cells.length - 1 ? insert(index + 1) : focus(cells[index + 1]?.id, true)
      case 'run-insert':
        void run([id])
        return insert(index + 1)
      case 'insert-above':
        return insert(index, 'typescript', true)
      case 'insert-below':
        return insert(index + 1, 'typescript', true)
      case 'up':
        return draft.edit((all) => moveCell(all, id, Math.max(0, index - 1)))
      case 'down':
        return draft.edit((all) => moveCell(all, id, Math.min(all.length - 1, index + 1)))
      case 'next':
        return focus(cells[index + 1]?.id, false)
      case 'previous':
        return focus(cells[index - 1]?.id, false)
      case 'delete':
        deleted.current.push({ cell, index })
        draft.edit((all) => deleteCell(all, id))
        return focus((cells[index + 1] ?? cells[index - 1])?.id, false)
      case 'undo': {
        const back = deleted.current.pop()
        if (!back) return
        draft.edit((all) => insertCell(all, back.index, back.cell))
        return focus(back.cell.id, false)
      }
      case 'to-markdown':
      case 'to-typescript':
      case 'to-sql':
        return draft.edit((all) => updateCell(all, id, { type: name.slice(3) as Cell['type'] }))
      case 'interrupt':
        return void kernel.interrupt()
      case 'save':
        return setPanel('history')
      case 'keys':
        return setPanel('keys')
    }
  })
  const onChange = useCallbackRef((id: string, source: string) =>
    draft.edit((all) => updateCell(all, id, { source })),
  )
  const onKeys = useCallbackRef((id: string, event: KeyboardEvent, editing: boolean): boolean => {
    if (editing && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      openPalette()
      return true
    }
    const name = toCommand(event, editing)
    if (name === undefined) return false
    if (name !== 'wait') onCommand(id, name)
    return true
  })
  const register = useCallback((id: string, focuser: ((edit: boolean) => void) | null) => {
    if (focuser) focusers.current.set(id, focuser)
    else focusers.current.delete(id)
  }, [])
  const runAll = async () => {
    const done = await run(draft.now().map((cell) => cell.id))
    if (!done)
      notifications.show({ color: 'red', message: 'A cell failed or was interrupted; the rest did not run.' })
  }
  return (
    <div className="notebook" data-panel={panel ?? undefined}>
      <NotebookHead
        notebook={notebook}
        draft={draft}
        kernel={kernel}
        panel={panel}
        codeHidden={codeHidden}
        onPanel={setPanel}
        onCode={() => setCodeHidden(!codeHidden)}
        onRunAll={() => void runAll()}
      />
      {draft.saved === 'conflict' && <SaveConflict draft={draft} />}
      <div className="notebook-columns">
        <div className="notebook-cells">
          <ParameterForm schema={schema} values={values} onChange={setValues} />
          <OutputStage>
            {cells.map((cell, index) => (
              <CellView
                key={`${cell.id}-${cell.type}`}
                cell={cell}
                index={index}
                generation={draft.generation}
                run={kernel.session.cells[cell.id]}
                selected={selected === cell.id}
                codeHidden={codeHidden}
                onChange={onChange}
                onCommand={onCommand}
                onKeys={onKeys}
                register={register}
              />
            ))}
          </OutputStage>
          {cells.length === 0 && <p className="dim pad">This notebook has no cells yet. Add one to begin.</p>}
          <Group className="add-cells" gap={8}>
            {(['typescript', 'sql', 'markdown'] as const).map((type) => (
              <Button key={type} variant="subtle" color="gray" onClick={() => insert(cells.length, type)}>
                Add {type === 'typescript' ? 'TypeScript' : type === 'sql' ? 'SQL' : 'Markdown'}
              </Button>
            ))}
          </Group>
        </div>
        {panel && (
          <SidePanel
            name={panel}
            notebook={notebook}
            draft={draft}
            schema={schema}
            values={values}
            onGo={(id) => focus(id, false)}
            onClose={() => setPanel(null)}
          />
        )}
      </div>
    </div>
  )
}
