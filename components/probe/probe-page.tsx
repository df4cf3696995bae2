'use client'
/**
 * In three steps from a question to its figure: the script (or the machine's counters), its options, the result. What
 * a collector holds is asked of the server; what one chose here is kept in the browser.
 */
import { Button, SegmentedControl, Select } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react'
import { useEffect, useMemo, useState } from 'react'
import { checkScript } from '../../runtime/notebook/bpftrace/check.ts'
import { useAct, useApi } from '../ui/api.ts'
import { Empty, PageHead, Section, Waiting } from '../ui/parts.tsx'
import { HowToStart } from './how-to-start.tsx'
import { Options, toSeconds } from './options.tsx'
import { ResultView } from './result-view.tsx'
import { samples } from './samples.ts'
import { ScriptEditor } from './script-editor.tsx'
import { useProbe } from './use-probe.ts'
import './probe.css'

const crumbs = [{ label: 'Probe' }]
const active = ['waiting', 'running']

export function ProbePage() {
  const query = useApi('findCollectors', { query: { limit: 200 } }, { refetchInterval: 3000 })
  const [script, setScript] = useLocalStorage({
    key: 'suricate-probe-script',
    defaultValue: samples[0]!.script,
  })
  const [kind, setKind] = useState<'counters' | 'script'>('counters')
  const [chosen, setChosen] = useState<string | null>(null)
  const [seconds, setSeconds] = useState<number | string>(0)
  const [chart, setChart] = useState(true)
  const [followed, setFollowed] = useState<{ until: number | null } | null>({ until: null })
  const start = useAct('createCollectorJob')
  const cancel = useAct('cancelCollectorJob')
  const faults = useMemo(() => checkScript(script), [script])

  const collectors = query.data?.items ?? []
  const collector =
    collectors.find(({ id }) => id === chosen) ??
    collectors.find(({ connected }) => connected) ??
    collectors[0]
  // Whom one looks at stays the same when another one connects.
  const known = collector?.id ?? null
  if (chosen === null && known !== null) setChosen(known)
  const job = collector?.job ?? null
  const isRunning = kind === 'script' ? job !== null && active.includes(job.state) : followed !== null
  const shown =
    collector && (kind === 'counters' || job)
      ? { stream: collector.stream, collector: collector.id, job: kind === 'counters' ? null : job!.id }
      : null
  const { result, error } = useProbe(shown, kind === 'script' || followed !== null)
  useEffect(() => {
    if (!followed?.until) return
    const timer = setTimeout(() => setFollowed(null), Math.max(0, followed.until - Date.now()))
    return () => clearTimeout(timer)
  }, [followed])

  if (!query.data)
    return (
      <>
        <PageHead crumbs={crumbs} />
        <Waiting query={query} />
      </>
    )
  if (!collector)
    return (
      <>
        <PageHead crumbs={crumbs} />
        <Empty title="No collector yet" action={<HowToStart />}>
          A collector tells what a machine does: how busy its resources are, which processes take them, and
          who talks to whom. It appears here as soon as it is started.
        </Empty>
      </>
    )
  const refusal = !collector.connected
    ? `The collector on ${collector.host} is not connected.`
    : !collector.scripts
      ? `The collector on ${collector.host} takes no scripts. Start it with --scripts:`
      : !collector.bpftrace
        ? `There is no bpftrace on ${collector.host}; install it there and start the collector again.`
        : null
  const wanted = toSeconds(seconds)
  const canRun =
    wanted !== null && (kind === 'counters' || (faults.length === 0 && refusal === null && !start.isPending))
  const run = () => {
    if (!canRun || isRunning) return
    if (kind === 'counters') setFollowed({ until: wanted > 0 ? Date.now() + wanted * 1000 : null })
    else start.mutate({ params: { id: collector.id }, body: { script, seconds: wanted } })
  }
  const stop = () => {
    if (kind === 'counters') setFollowed(null)
    else if (job) cancel.mutate({ params: { id: collector.id, job: job.id } })
  }
  return (
    <>
      <PageHead crumbs={crumbs} note={isRunning ? 'running' : undefined}>
        {isRunning ? (
          <Button
            variant="default"
            onClick={stop}
            loading={cancel.isPending}
            leftSection={<IconPlayerStop size={16} />}
          >
            {kind === 'counters' ? 'Stop' : 'Cancel the script'}
          </Button>
        ) : (
          <Button onClick={run} disabled={!canRun} leftSection={<IconPlayerPlay size={16} />}>
            {kind === 'counters' ? 'Follow the counters' : 'Run the script'}
          </Button>
        )}
      </PageHead>
      <div className="body">
        <div className="probe-steps">
          <Section
            title="1. Script"
            aside={
              kind === 'script' && (
                <Select
                  aria-label="Begin with a sample"
                  placeholder="Begin with a sample"
                  size="xs"
                  data={samples.map(({ label }) => label)}
                  value={samples.find((one) => one.script === script)?.label ?? null}
                  onChange={(label) => {
                    const sample = samples.find((one) => one.label === label)
                    if (sample) setScript(sample.script)
                  }}
                />
              )
            }
          >
            <div className="stack">
              <SegmentedControl
                aria-label="What is collected"
                value={kind}
                onChange={(value) => setKind(value as 'counters' | 'script')}
                data={[
                  { value: 'counters', label: 'Counters of the machine' },
                  { value: 'script', label: 'bpftrace script' },
                ]}
              />
              {kind === 'counters' ? (
                <p className="dim">
                  Utilisation, saturation and errors of each resource, processes, and their connections, from
                  /proc every {collector.every === 1 ? 'second' : `${collector.every} seconds`}.
                </p>
              ) : (
                <>
                  <ScriptEditor script={script} faults={faults} onChange={setScript} onRun={run} />
                  {refusal && (
                    <div role="status" className="stack">
                      <p>{refusal}</p>
                      {collector.connected && !collector.scripts && <HowToStart scripts />}
                    </div>
                  )}
                </>
              )}
            </div>
          </Section>
          <Options
            collectors={collectors}
            collector={collector}
            seconds={seconds}
            chart={chart}
            onCollector={setChosen}
            onSeconds={setSeconds}
            onChart={setChart}
          />
        </div>
        <ResultView
          result={result}
          error={error}
          chart={chart}
          waitingFor={
            kind === 'script'
              ? job?.state === 'failed'
                ? (job.error ?? 'The script failed.')
                : isRunning
                  ? `Waiting for the script on ${collector.host}.`
                  : 'Run the script to see its result here.'
              : `Waiting for the counters of ${collector.host}.`
          }
        />
      </div>
    </>
  )
}
