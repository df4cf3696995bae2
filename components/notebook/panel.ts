/** What every panel beside a notebook is given, and what it says of itself in the list of side-panel.tsx. */
import type { ComponentType } from 'react'
import type { Cell, Notebook } from '../../runtime/api/notebooks.ts'
import type { Draft } from './draft.ts'
import type { KernelControl } from './kernel.ts'
import type { ParameterValues } from './parameter-form.tsx'
import type { Runner } from './runner.ts'

export interface PanelProps {
  notebook: Notebook
  draft: Draft
  kernel: KernelControl
  runner: Runner
  schema: unknown
  values: ParameterValues
  /** Goes to a cell, and there to a stretch of its source. */
  onGo: (id: string, place?: { start: number; end: number }) => void
  /** Opens another panel in its place. */
  onPanel: (name: string) => void
  /** Changes the sources of cells everywhere, with a way back. */
  rewrite: (next: Cell[]) => void
}
export interface Panel {
  name: string
  title: string
  /** Where it is opened: a button of the head, the notebook's menu, or something of its own. */
  from: 'head' | 'menu' | 'own'
  Content: ComponentType<PanelProps>
}
