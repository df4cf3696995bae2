'use client'
import { Button, Menu } from '@mantine/core'
import { IconDots, IconPlayerPlay, IconPlayerStop, IconRefresh } from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import type { Notebook } from '../../runtime/api/notebooks.ts'
import { ask } from '../ui/ask.tsx'
import { useAct, useApi } from '../ui/api.ts'
import { toBytes } from '../ui/format.ts'
import { PageHead } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import type { Draft, SaveState } from './draft.ts'
import type { KernelControl } from './kernel.ts'
import type { PanelName } from './panel.ts'

const savedWords: Record<SaveState, string> = {
  saved: 'saved',
  changed: 'not saved yet',
  saving: 'saving',
  failed: 'not saved',
  conflict: 'changed elsewhere',
}
const panels: [PanelName, string][] = [
  ['outline', 'Outline'],
  ['history', 'History'],
  ['run', 'Run'],
  ['api', 'API'],
]

export function NotebookHead(props: {
  notebook: Notebook
  draft: Draft
  kernel: KernelControl
  panel: PanelName | null
  codeHidden: boolean
  onPanel: (panel: PanelName | null) => void
  onCode: () => void
  onRunAll: () => void
}) {
  const { notebook, draft, kernel, panel } = props
  const router = useRouter()
  const project = useApi('getProject', { params: { id: notebook.project } }, { staleTime: 60_000 })
  const remove = useAct('deleteNotebook', {
    said: 'The notebook is deleted',
    done: () => router.push(`/projects/${notebook.project}`),
  })
  const busy = Object.values(kernel.session.cells).some(
    (run) => run.state === 'running' || run.state === 'queued',
  )
  const turn = (name: PanelName) => props.onPanel(panel === name ? null : name)
  const confirm = () =>
    ask({
      title: `Delete ${notebook.name}?`,
      text: 'Its cells, versions and outputs go with it. This cannot be undone.',
      action: 'Delete the notebook',
      onYes: () => remove.mutate({ params: { id: notebook.id } }),
    })
  return (
    <>
      <PageHead
        crumbs={[
          { label: project.data?.name ?? 'Project', href: `/projects/${notebook.project}` },
          { label: notebook.name },
        ]}
        note={
          <span title={draft.detail || undefined} role="status">
            {draft.saved === 'failed' ? (
              <StateMark state="failed" label={`not saved: ${draft.detail}`} />
            ) : (
              savedWords[draft.saved]
            )}
            {notebook.version > 0 && ` · v${notebook.version}`}
          </span>
        }
      >
        {panels.map(([name, label]) => (
          <Button
            key={name}
            variant={panel === name ? 'light' : 'subtle'}
            color={panel === name ? undefined : 'gray'}
            aria-pressed={panel === name}
            onClick={() => turn(name)}
          >
            {label}
          </Button>
        ))}
        {notebook.kind === 'processing' && <Button onClick={() => turn('deploy')}>Deploy</Button>}
      </PageHead>
      <div className="notebook-bar" role="toolbar" aria-label="Notebook">
        <Button
          variant="default"
          leftSection={<IconPlayerPlay size={14} />}
          onClick={props.onRunAll}
          disabled={busy}
        >
          Run all
        </Button>
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={14} />}
          disabled={!busy}
          onClick={() => void kernel.interrupt()}
        >
          Interrupt
        </Button>
        <Button
          variant="default"
          leftSection={<IconRefresh size={14} />}
          disabled={kernel.session.kernel === null}
          onClick={() => void kernel.restart()}
        >
          Restart
        </Button>
        <span className="notebook-kernel" role="status" aria-label="Kernel">
          <KernelStatus kernel={kernel} />
        </span>
        <span className="dim hide-small">{notebook.kind}</span>
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="subtle" color="gray" px={8} aria-label="More for this notebook">
              <IconDots size={16} />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={props.onCode}>
              {props.codeHidden ? 'Show the code' : 'Hide the code'}
            </Menu.Item>
            <Menu.Item onClick={() => props.onPanel('keys')}>Keys</Menu.Item>
            <Menu.Item color="red" onClick={confirm}>
              Delete the notebook
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </>
  )
}

function KernelStatus({ kernel }: { kernel: KernelControl }) {
  const now = kernel.session.kernel
  if (!now) return <StateMark state="idle" label="no kernel; it starts with the first run" />
  if (now.state === 'dead')
    return (
      <StateMark
        state="dead"
        label={`kernel ended${now.reason ? `: ${now.reason}` : ''}; its variables are gone`}
      />
    )
  const words = { starting: 'kernel starting', idle: 'kernel ready', busy: 'kernel busy' }[now.state]
  return (
    <>
      <StateMark state={now.state === 'idle' ? 'ready' : now.state} label={words} />
      {now.memoryBytes > 0 && <span className="dim"> · {toBytes(now.memoryBytes)}</span>}
      {now.reason && <span className="dim"> · {now.reason}</span>}
    </>
  )
}
