/** What every panel beside a notebook is given. */
import type { Notebook } from '../../runtime/api/notebooks.ts'
import type { Draft } from './draft.ts'
import type { ParameterValues } from './parameter-form.tsx'

export type PanelName = 'outline' | 'history' | 'run' | 'api' | 'deploy' | 'keys'
export interface PanelProps {
  notebook: Notebook
  draft: Draft
  schema: unknown
  values: ParameterValues
}
