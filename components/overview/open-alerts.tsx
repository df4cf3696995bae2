import Link from 'next/link'
import { useApi } from '../ui/api.ts'
import { toEventTime } from '../ui/format.ts'
import { Section } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'

export function OpenAlerts() {
  const query = useApi('findAlerts', { query: { state: 'open', limit: 5 } })
  if (!query.data || query.data.items.length === 0) return null
  return (
    <Section title="Open alerts" aside={<Link href="/alerts">All alerts</Link>}>
      <ul className="open-alerts">
        {query.data.items.map((alert) => (
          <li key={alert.id}>
            <StateMark state={alert.severity} />
            <Link href={`/alerts?id=${alert.id}`} className="row-link">
              {alert.title}
            </Link>
            <span className="dim">
              {alert.count > 1 ? `${alert.count} times, last ` : ''}
              {toEventTime(alert.lastAt)}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}
