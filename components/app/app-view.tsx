'use client'
/** Outputs and inputs of a notebook, without its code: for those who use it and do not write it. */
import { Alert, Button, Progress } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react'
import { useState } from 'react'
import type { App } from '../../runtime/api/apps.ts'
import { findFault, type ParameterSchema } from '../../runtime/notebook/parameters.ts'
import { InputContext } from '../input/context.ts'
import { ParameterForm, type ParameterValues } from '../notebook/parameter-form.tsx'
import { MarkdownText } from '../output/markdown.tsx'
import { Outputs } from '../output/outputs.tsx'
import { OutputStage } from '../output/stage.tsx'
import type { AppControl } from './use-app.ts'
import './app.css'

export function AppView({ app, control }: { app: App; control: AppControl }) {
  const { session, progress, inputs } = control
  const [values, setValues] = useState<ParameterValues>(app.values as ParameterValues)
  const running = progress.state === 'running'
  const schema = app.parameters as ParameterSchema
  const fits = Object.entries(schema.properties).every(([name, property]) => {
    const value = values[name] ?? property['default']
    return value !== undefined && findFault(property, value) === undefined
  })
  const run = () => void control.run(values)
  useHotkeys([['mod+Enter', () => (!running && fits ? run() : undefined)]], [])
  const shown = app.cells.some((cell) => (session.cells[cell.id]?.outputs.length ?? 0) > 0)
  return (
    <div className="app-view">
      <div className="app-bar" role="toolbar" aria-label="App">
        <Button leftSection={<IconPlayerPlay size={14} />} disabled={running || !fits} onClick={run}>
          Run
        </Button>
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={14} />}
          disabled={!running}
          onClick={() => void control.interrupt()}
        >
          Stop
        </Button>
        <AppProgress control={control} shown={shown} />
      </div>
      <ParameterForm schema={app.parameters} values={values} onChange={setValues} />
      {progress.error && (
        <Alert color="red" title="It stopped">
          {progress.error.message}
        </Alert>
      )}
      <InputContext value={inputs}>
        <OutputStage>
          {app.cells.map((cell) => {
            const cellRun = session.cells[cell.id]
            if (cell.type === 'markdown') return <MarkdownText key={cell.id} text={cell.text} />
            if (!cellRun || cellRun.outputs.length === 0) return null
            return (
              <section key={cell.id} className="app-cell" data-cell={cell.id} data-state={cellRun.state}>
                <Outputs
                  outputs={cellRun.outputs}
                  scope={cell.id}
                  old={cellRun.old && cellRun.state === 'running'}
                />
              </section>
            )
          })}
        </OutputStage>
      </InputContext>
    </div>
  )
}

function AppProgress({ control, shown }: { control: AppControl; shown: boolean }) {
  const { state, done, total, error } = control.progress
  const words =
    state === 'running'
      ? `running, ${done} of ${total}`
      : error
        ? 'stopped'
        : total > 0 || shown
          ? 'up to date'
          : 'Press Run to see the results.'
  return (
    <span className="app-progress">
      <span role="status" aria-label="Progress" className="dim">
        {words}
      </span>
      {state === 'running' && (
        <Progress w={160} value={total > 0 ? (done / total) * 100 : 0} aria-label="Part that is done" />
      )}
    </span>
  )
}
