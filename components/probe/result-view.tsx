'use client'
/** Step three: everything that the collector told, or what is missing for it. */
import { IconAlertTriangle } from '@tabler/icons-react'
import { toCount } from '../ui/format.ts'
import { Ago, Failure, Section } from '../ui/parts.tsx'
import { HeatMap } from './heat-map.tsx'
import { Pie } from './pie.tsx'
import { ProcessGraph } from './process-graph.tsx'
import { ResourceTable } from './resource-table.tsx'
import type { Result } from './result.ts'

interface Props {
  result: Result
  error: unknown
  chart: boolean
  waitingFor: string | null
}
export function ResultView({ result, error, chart, waitingFor }: Props) {
  const problems = result.notes.filter(({ level }) => level === 'error').slice(-5)
  const info = result.notes.findLast(({ level }) => level === 'info')
  return (
    <>
      <Section
        title="3. Result"
        aside={
          result.at !== null && (
            <span data-at={result.at}>
              {toCount(result.messages, 'message')}, the last <Ago at={result.at} />
            </span>
          )
        }
      >
        {error !== null && <Failure error={error} />}
        {problems.map(({ at, text }, index) => (
          <p key={`${at}-${index}`} role="alert" className="state" data-tone="bad">
            <IconAlertTriangle size={16} aria-hidden /> {text}
          </p>
        ))}
        {info && <p className="dim">{info.text}</p>}
        {result.messages === 0 && <p className="dim">{waitingFor ?? 'Nothing was started yet.'}</p>}
      </Section>
      <ResourceTable resources={result.resources} />
      {result.messages > 0 && (
        <div className="probe-figures">
          <Pie result={result} chart={chart} />
          <HeatMap result={result} chart={chart} />
          {(result.links.length > 0 || result.processes.length > 0) && (
            <ProcessGraph result={result} chart={chart} />
          )}
        </div>
      )}
      {result.texts.length > 0 && (
        <Section title="Printed">
          <pre className="probe-texts" tabIndex={0} role="log" aria-label="What the script printed">
            {result.texts.join('\n')}
          </pre>
        </Section>
      )}
    </>
  )
}
