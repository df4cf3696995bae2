'use client'
import { ActionIcon } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { ApiPanel } from './api-panel.tsx'
import { ConsoleLine } from './console-line.tsx'
import { DeployPanel } from './deploy-panel.tsx'
import { FindPanel } from './find-panel.tsx'
import { GraphPanel } from './graph-panel.tsx'
import { HistoryPanel } from './history-panel.tsx'
import { KeyList } from './key-list.tsx'
import { Outline } from './outline.tsx'
import type { Panel, PanelProps } from './panel.ts'
import { RunPanel } from './run-panel.tsx'
import { VariablesPanel } from './variables-panel.tsx'
import '../ui/side.css'

/** Every panel beside a notebook, in the order of its buttons: one line each. */
export const panels: Panel[] = [
  { name: 'outline', title: 'Outline', from: 'head', Content: Outline },
  { name: 'graph', title: 'Graph', from: 'head', Content: GraphPanel },
  { name: 'variables', title: 'Variables', from: 'head', Content: VariablesPanel },
  { name: 'console', title: 'Console', from: 'head', Content: ConsoleLine },
  { name: 'history', title: 'History', from: 'head', Content: HistoryPanel },
  { name: 'run', title: 'Run', from: 'head', Content: RunPanel },
  { name: 'api', title: 'API', from: 'head', Content: ApiPanel },
  { name: 'find', title: 'Find and replace', from: 'menu', Content: FindPanel },
  { name: 'keys', title: 'Keys', from: 'menu', Content: KeyList },
  { name: 'deploy', title: 'Deploy', from: 'own', Content: DeployPanel },
]

export function SidePanel({ name, onClose, ...props }: PanelProps & { name: string; onClose: () => void }) {
  const panel = panels.find((one) => one.name === name)
  if (!panel) return null
  return (
    <aside className="side" aria-label={panel.title}>
      <div className="side-head">
        <h2>{panel.title}</h2>
        <ActionIcon aria-label={`Close ${panel.title}`} onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </div>
      <panel.Content {...props} />
    </aside>
  )
}
