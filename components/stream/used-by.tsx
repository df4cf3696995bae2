import Link from 'next/link'
import { useApi } from '../ui/api.ts'
import { Waiting } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'

/** The deployments that read it. */
export function UsedBy({ id }: { id: string }) {
  const query = useApi('findDeployments', { query: { limit: 500 } }, { refetchInterval: 15_000 })
  if (!query.data) return <Waiting query={query} lines={1} />
  const users = query.data.items.filter(({ inputs }) => inputs.some(({ stream }) => stream === id))
  if (users.length === 0) return <p className="dim">No deployment reads it.</p>
  return (
    <ul className="pairs">
      {users.map((one) => (
        <li key={one.id}>
          <Link href={`/deployments/${one.id}`}>{one.name}</Link>
          <StateMark state={one.state} />
        </li>
      ))}
    </ul>
  )
}
