import Link from 'next/link'
import type { ReactNode } from 'react'
import type { Overview } from '../../runtime/api/overview.ts'
import { toCount, toDuration, toFigure } from '../ui/format.ts'
import { Ago } from '../ui/parts.tsx'
import { Spark } from '../ui/spark.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { toLag } from '../ui/status-line.tsx'
import './overview.css'

/** Six sentences with a live figure, each a link. */
export function Tiles({ overview }: { overview: Overview }) {
  const { data, analytics, processing, watches, models, runs } = overview
  const count = (kind: string, buckets = 30) => spread(overview, kind, buckets)
  return (
    <div className="tiles">
      <Tile
        href="/data"
        name="Data"
        figure={`${toFigure(data.rate)} msg/s`}
        spark={data.spark.map((point) => point.value)}
      >
        {toCount(data.objects, 'object')}, {toCount(data.streams, 'stream')}
      </Tile>
      <Tile
        href="/projects"
        name="Analytics"
        figure={toCount(analytics.notebooks, 'notebook')}
        spark={count('run')}
      >
        {analytics.lastRunAt === null ? (
          'not run yet'
        ) : (
          <>
            last run <Ago at={analytics.lastRunAt} />
          </>
        )}
      </Tile>
      <Tile
        href="/deployments"
        name="Processing"
        figure={`${toFigure(processing.deployed)} deployed`}
        spark={count('row')}
      >
        {processing.failed > 0 ? (
          <StateMark state="failed" label={`${toFigure(processing.failed)} failed`} />
        ) : (
          <>
            {toCount(processing.notebooks, 'notebook')}, lag {toLag(processing.lag)}
          </>
        )}
      </Tile>
      <Tile href="/alerts" name="Watches" figure={`${toFigure(watches.on)} on`} spark={count('alert')}>
        {watches.openAlerts > 0 ? (
          <StateMark state="open" label={toCount(watches.openAlerts, 'open alert')} />
        ) : (
          <StateMark state="ready" label="no open alert" />
        )}
      </Tile>
      <Tile
        href="/models"
        name="Models"
        figure={toCount(models.models, 'model')}
        spark={count('action')}
        quiet
      >
        {toCount(models.versions, 'version')}
        {models.lastAt !== null && (
          <>
            , newest <Ago at={models.lastAt} />
          </>
        )}
      </Tile>
      <Tile
        href="/runs"
        name="Runs"
        figure={runs.running > 0 ? `${toFigure(runs.running)} running` : `${toFigure(runs.today)} today`}
        spark={runs.spark.map((point) => point.value)}
      >
        {toFigure(runs.queued)} queued, {toFigure(runs.today)} today, {toDuration(runs.cpuMsToday)} CPU
        {runs.failedToday > 0 && (
          <>
            {' · '}
            <StateMark state="failed" label={`${toFigure(runs.failedToday)} failed`} />
          </>
        )}
      </Tile>
    </div>
  )
}

function Tile(props: {
  href: string
  name: string
  figure: string
  spark: number[]
  quiet?: boolean
  children: ReactNode
}) {
  return (
    <Link href={props.href} className="tile">
      <span className="tile-name">{props.name}</span>
      <span className="tile-figure">{props.figure}</span>
      <span className="tile-line">{props.children}</span>
      {!props.quiet && (
        <span className="tile-spark">
          <Spark values={props.spark} label={`${props.name}, the last while`} width={200} height={32} />
        </span>
      )}
    </Link>
  )
}

/** How many of a kind there were in each of `buckets` parts of the last hour. */
function spread(overview: Overview, kind: string, buckets: number): number[] {
  const counts = Array.from({ length: buckets }, () => 0)
  const from = overview.at - 3_600_000
  for (const item of overview.timeline) {
    if (item.kind !== kind || item.at < from) continue
    const index = Math.min(buckets - 1, Math.floor(((item.at - from) / 3_600_000) * buckets))
    counts[index]! += 1
  }
  return counts
}
