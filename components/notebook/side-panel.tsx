'use client'
import { ActionIcon } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { ApiPanel } from './api-panel.tsx'
import { DeployPanel } from './deploy-panel.tsx'
import type { Draft } from './draft.ts'
import { HistoryPanel } from './history-panel.tsx'
import { keyList } from './keys.ts'
import type { PanelName, PanelProps } from './panel.ts'
import { RunPanel } from './run-panel.tsx'

const titles: Record<PanelName, string> = {
  outline: 'Outline',
  history: 'History',
  run: 'Run',
  api: 'API',
  deploy: 'Deploy',
  keys: 'Keys',
}
export function SidePanel(
  props: PanelProps & { name: PanelName; onGo: (id: string) => void; onClose: () => void },
) {
  const { name } = props
  return (
    <aside className="side" aria-label={titles[name]}>
      <div className="side-head">
        <h2>{titles[name]}</h2>
        <ActionIcon aria-label={`Close ${titles[name]}`} onClick={props.onClose}>
          <IconX size={16} />
        </ActionIcon>
      </div>
      {name === 'outline' && <Outline draft={props.draft} onGo={props.onGo} />}
      {name === 'history' && <HistoryPanel {...props} />}
      {name === 'run' && <RunPanel {...props} />}
      {name === 'api' && <ApiPanel {...props} />}
      {name === 'deploy' && <DeployPanel {...props} />}
      {name === 'keys' && (
        <dl className="keys">
          {keyList.map(([key, what]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      )}
    </aside>
  )
}

function Outline({ draft, onGo }: { draft: Draft; onGo: (id: string) => void }) {
  return (
    <ol className="outline">
      {draft.cells.map((cell, index) => {
        const first = cell.source.split('\n').find((line) => line.trim() !== '') ?? '(empty)'
        const heading = /^(#{1,3})\s+(.*)$/.exec(first)
        return (
          <li key={cell.id} data-heading={heading ? heading[1]!.length : undefined}>
            <button type="button" onClick={() => onGo(cell.id)}>
              <span className="dim">{index + 1}</span> {heading ? heading[2] : first.slice(0, 60)}
            </button>
          </li>
        )
      })}
    </ol>
  )
}
