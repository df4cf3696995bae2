'use client'
import { useApi } from '../ui/api.ts'
import { PageHead, Section, Waiting } from '../ui/parts.tsx'
import { FirstSteps } from './first-steps.tsx'
import { OpenAlerts } from './open-alerts.tsx'
import { Tiles } from './tiles.tsx'
import { Timeline } from './timeline.tsx'

export function OverviewPage() {
  const query = useApi('getOverview', {}, { refetchInterval: 3000 })
  const overview = query.data
  const empty =
    overview &&
    overview.data.objects +
      overview.data.streams +
      overview.analytics.notebooks +
      overview.processing.notebooks ===
      0
  return (
    <>
      <PageHead crumbs={[{ label: 'Overview' }]} />
      {!overview ? (
        <Waiting query={query} />
      ) : (
        <div className="body">
          {empty ? <FirstSteps /> : <Tiles overview={overview} />}
          {overview.watches.openAlerts > 0 && <OpenAlerts />}
          {!empty && (
            <Section title="The last hour" aside="by arrival; event time in the details">
              <Timeline overview={overview} />
            </Section>
          )}
        </div>
      )}
    </>
  )
}
