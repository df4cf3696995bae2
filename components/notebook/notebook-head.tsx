'use client'
import { Button, Menu, Switch } from '@mantine/core'
import { IconChevronDown, IconDots, IconPlayerPlay, IconPlayerStop, IconRefresh } from '@tabler/icons-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import type { Notebook } from '../../runtime/api/notebooks.ts'
import { ask } from '../ui/ask.tsx'
import { useApi } from '../ui/api.ts'
import { toBytes } from '../ui/format.ts'
import { PageHead } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import type { Draft, SaveState } from './draft.ts'
import { ExportItems } from './import-export.tsx'
import type { KernelControl } from './kernel.ts'
import type { Runner } from './runner.ts'
import { panels } from './side-panel.tsx'

const savedWords: Record<SaveState, string> = {
  saved: 'saved',
  changed: 'not saved yet',
  saving: 'saving',
  failed: 'not saved',
  conflict: 'changed elsewhere',
}
export function NotebookHead(props: {
  notebook: Notebook
  draft: Draft
  kernel: KernelControl
  runner: Runner
  active: string | null
  panel: string | null
  codeHidden: boolean
  presence: ReactNode
  onPanel: (panel: string | null) => void
  onCode: () => void
  onDelete: () => void
}) {
  const { notebook, draft, kernel, runner, panel } = props
  const project = useApi('getProject', { params: { id: notebook.project } }, { staleTime: 60_000 })
  const busy = Object.values(kernel.session.cells).some(
    (run) => run.state === 'running' || run.state === 'queued',
  )
  const turn = (name: string) => props.onPanel(panel === name ? null : name)
  const confirm = () =>
    ask({
      title: `Delete ${notebook.name}?`,
      text: 'It goes to the trash of its project, where it can be restored for 30 days.',
      action: 'Delete the notebook',
      // What was typed last goes to the trash with the rest.
      onYes: () => void draft.flush().finally(props.onDelete),
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
        {panels
          .filter(({ from }) => from === 'head')
          .map(({ name, title }) => (
            <Button
              key={name}
              variant={panel === name ? 'light' : 'subtle'}
              color={panel === name ? undefined : 'gray'}
              aria-pressed={panel === name}
              onClick={() => turn(name)}
            >
              {title}
            </Button>
          ))}
        <Button component={Link} href={`/notebooks/${notebook.id}/app`} variant="subtle" color="gray">
          App
        </Button>
        {notebook.kind === 'processing' && <Button onClick={() => turn('deploy')}>Deploy</Button>}
      </PageHead>
      <div className="notebook-bar" role="toolbar" aria-label="Notebook">
        <Button.Group>
          <Button
            variant="default"
            leftSection={<IconPlayerPlay size={14} />}
            onClick={() => void runner.runAll()}
            disabled={busy}
          >
            Run all
          </Button>
          <Menu position="bottom-start">
            <Menu.Target>
              <Button variant="default" px={6} disabled={busy} aria-label="More ways to run">
                <IconChevronDown size={14} />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <RunItems {...props} />
            </Menu.Dropdown>
          </Menu>
        </Button.Group>
        {runner.stale.size > 0 && (
          <Button variant="default" disabled={busy} onClick={() => void runner.runStale()}>
            Run stale {runner.stale.size}
          </Button>
        )}
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
        <Switch
          size="xs"
          label="Auto-run"
          title="Runs what depends on a cell after the cell ran"
          checked={runner.auto}
          onChange={(event) => runner.setAuto(event.currentTarget.checked)}
        />
        <span className="notebook-kernel" role="status" aria-label="Kernel">
          <KernelStatus kernel={kernel} />
        </span>
        {props.presence}
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
            {panels
              .filter(({ from }) => from === 'menu')
              .map(({ name, title }) => (
                <Menu.Item key={name} onClick={() => props.onPanel(name)}>
                  {title}
                </Menu.Item>
              ))}
            <ExportItems notebook={notebook} flush={draft.flush} />
            <Menu.Item color="var(--bad)" onClick={confirm}>
              Delete the notebook
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </>
  )
}

function RunItems({ runner, active }: { runner: Runner; active: string | null }) {
  const none = active === null
  return (
    <>
      <Menu.Item disabled={runner.stale.size === 0} onClick={() => void runner.runStale()}>
        Run stale
      </Menu.Item>
      <Menu.Item disabled={none} onClick={() => void runner.runWithDependents([active!])}>
        Run the selected cell with what depends on it
      </Menu.Item>
      <Menu.Item disabled={none} onClick={() => void runner.runAbove(active!)}>
        Run the cells above the selected one
      </Menu.Item>
      <Menu.Item disabled={none} onClick={() => void runner.runBelow(active!)}>
        Run the selected cell and those below
      </Menu.Item>
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
