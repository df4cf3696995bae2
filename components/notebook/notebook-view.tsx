'use client'
/** The notebook's page: what it edits (draft), what runs (kernel, runner), and the commands that join them. */
import { Button, Group } from '@mantine/core'
import { useCallbackRef, useMediaQuery, useWindowEvent } from '@mantine/hooks'
import { useDeferredValue, useMemo, useState, type ClipboardEvent } from 'react'
import type { Notebook } from '../../runtime/api/notebooks.ts'
import { updateCell } from '../../runtime/notebook/notebook.ts'
import { findParameters } from '../../runtime/notebook/declared.ts'
import type { Problem } from '../../runtime/notebook/program.ts'
import { useLanguage } from '../editor/use-language.ts'
import { InputContext } from '../input/context.ts'
import { OutputStage } from '../output/stage.tsx'
import { openPalette } from '../ui/palette.tsx'
import { CellView } from './cell-view.tsx'
import { fromClipboardText, keepText, toClipboardText } from './clipboard.ts'
import { useCommands } from './commands.tsx'
import { dragHandlers } from './drag.ts'
import { useDraft } from './draft.ts'
import { useHandles } from './handles.ts'
import { useInputs } from './inputs.ts'
import { KeptNotice } from './kept-notice.tsx'
import { KernelNotice } from './kernel-notice.tsx'
import { useKernel } from './kernel.ts'
import { isBareEnter, toCommand } from './keys.ts'
import { NotebookHead } from './notebook-head.tsx'
import { ParameterForm, type ParameterValues } from './parameter-form.tsx'
import { Presence } from './presence.tsx'
import { useRunner } from './runner.ts'
import { SaveConflict } from './save-conflict.tsx'
import { SelectionBar } from './selection-bar.tsx'
import { useSelection } from './selection.ts'
import { SidePanel } from './side-panel.tsx'
import { useKernelValues, ValuesContext } from './values.ts'
import './notebook.css'
// After the page's own rules: on a narrow screen it has the last word.
import './panels.css'

const noProblems: readonly Problem[] = []

export function NotebookView({ notebook, onDelete }: { notebook: Notebook; onDelete: () => void }) {
  const draft = useDraft(notebook)
  const kernel = useKernel(notebook.id)
  const [values, setValues] = useState<ParameterValues>({})
  const runner = useRunner(draft, kernel, values, notebook.id)
  const inputs = useInputs(kernel, runner)
  const selection = useSelection(draft.cells)
  const [panel, setPanel] = useState<string | null>(null)
  const [codeHidden, setCodeHidden] = useState(false)
  const plain = useMediaQuery('(max-width: 48em)', false) ?? false
  const handles = useHandles()
  const settled = useDeferredValue(draft.cells)
  const schema = useMemo(() => findParameters(settled).schema, [settled])
  // asked once: it is for the page's opening
  const [hasFigures] = useState(() => draft.cells.some(({ source }) => /\bplot\b|\.plot\(/.test(source)))
  const shownValues = useKernelValues(kernel, settled)
  const { cells } = draft
  const commands = useCommands({
    draft,
    kernel,
    runner,
    selection,
    handles,
    onPanel: setPanel,
  })
  const { onCommand } = commands
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
  // Between two cells, or after a click beside them, nothing has the focus: the keys are the active cell's still.
  useWindowEvent('keydown', (event) => {
    const { active } = selection
    if (event.target !== document.body || event.defaultPrevented || active === null) return
    if (isBareEnter(event)) handles.reach(active, true)
    else if (!onKeys(active, event, false)) return
    event.preventDefault()
  })
  const onGo = useCallbackRef((id: string, place?: { start: number; end: number }) => {
    if (!place) return commands.focus(id, false)
    selection.select(id)
    handles.get(id)?.select(place.start, place.end)
  })
  const { revision } = draft
  useLanguage({ notebook: notebook.id, revision, cells, now: draft.now, onChange, onGo })
  const goTo = useCallbackRef((id: string) => onGo(id))

  /** Ctrl+C, X and V while a cell as a whole has the focus. */
  const clip = (event: ClipboardEvent) => {
    const id = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.cell : undefined
    if (id === undefined || !event.clipboardData) return
    event.preventDefault()
    if (event.type === 'paste') {
      const index = cells.findIndex((cell) => cell.id === selection.ids.at(-1))
      return commands.paste(index + 1, fromClipboardText(event.clipboardData.getData('text/plain')))
    }
    const text = toClipboardText(cells.filter((cell) => selection.ids.includes(cell.id)))
    keepText(text)
    event.clipboardData.setData('text/plain', text)
    if (event.type === 'cut') commands.remove(selection.ids, true)
  }
  const drag = dragHandlers(selection, (target, below) =>
    commands.moveTo(cells.findIndex((cell) => cell.id === target) + (below ? 1 : 0)),
  )
  return (
    <div className="notebook" data-panel={panel ?? undefined}>
      <NotebookHead
        notebook={notebook}
        draft={draft}
        kernel={kernel}
        runner={runner}
        active={selection.active}
        panel={panel}
        codeHidden={codeHidden}
        presence={<Presence notebook={notebook.id} cell={selection.active} cells={cells} onGo={goTo} />}
        onPanel={setPanel}
        onCode={() => setCodeHidden(!codeHidden)}
        onDelete={onDelete}
      />
      <SelectionBar selection={selection} onCommand={onCommand} />
      <KeptNotice draft={draft} />
      <SaveConflict draft={draft} />
      <KernelNotice kernel={kernel} cells={cells} onRun={(ids) => void runner.run(ids)} />
      <div className="notebook-columns">
        <div className="notebook-cells" onCopy={clip} onCut={clip} onPaste={clip} {...drag}>
          <ParameterForm schema={schema} values={values} onChange={setValues} />
          <InputContext value={inputs}>
            <ValuesContext value={shownValues}>
              <OutputStage likely={hasFigures}>
                {cells.map((cell, index) => (
                  <CellView
                    key={`${cell.id}-${cell.type}`}
                    cell={cell}
                    index={index}
                    generation={draft.generation}
                    run={kernel.session.cells[cell.id]}
                    stale={runner.stale.get(cell.id)}
                    problems={runner.problems.get(cell.id) ?? noProblems}
                    selected={selection.ids.includes(cell.id)}
                    active={selection.active === cell.id}
                    codeHidden={codeHidden}
                    plain={plain}
                    onChange={onChange}
                    onCommand={onCommand}
                    onKeys={onKeys}
                    onGo={goTo}
                    register={handles.register}
                  />
                ))}
              </OutputStage>
            </ValuesContext>
          </InputContext>
          {cells.length === 0 && <p className="dim pad">This notebook has no cells yet. Add one to begin.</p>}
          <Group className="add-cells" gap={8}>
            {(['typescript', 'sql', 'markdown'] as const).map((type) => (
              <Button
                key={type}
                variant="subtle"
                color="gray"
                onClick={() => commands.insert(cells.length, type)}
              >
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
            kernel={kernel}
            runner={runner}
            schema={schema}
            values={values}
            rewrite={commands.rewrite}
            onGo={onGo}
            onPanel={setPanel}
            onClose={() => setPanel(null)}
          />
        )}
      </div>
    </div>
  )
}
