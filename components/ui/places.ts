import {
  IconActivityHeartbeat,
  IconBell,
  IconBook2,
  IconBrain,
  IconChecklist,
  IconDatabase,
  IconLayoutDashboard,
  IconPlayerPlay,
  IconRadar2,
  IconSettings,
  type Icon,
} from '@tabler/icons-react'

export interface Place {
  href: string
  label: string
  icon: Icon
  /** Also in the bottom bar of a small screen. */
  first?: boolean
  /** Other addresses that belong to it. */
  also?: string[]
}
export const places: Place[] = [
  { href: '/', label: 'Overview', icon: IconLayoutDashboard, first: true },
  { href: '/data', label: 'Data', icon: IconDatabase, first: true },
  { href: '/projects', label: 'Projects', icon: IconBook2, first: true, also: ['/notebooks'] },
  { href: '/models', label: 'Models', icon: IconBrain },
  { href: '/deployments', label: 'Deployments', icon: IconActivityHeartbeat },
  { href: '/alerts', label: 'Alerts', icon: IconBell, first: true },
  { href: '/actions', label: 'Actions', icon: IconChecklist },
  { href: '/probe', label: 'Probe', icon: IconRadar2 },
  { href: '/runs', label: 'Runs', icon: IconPlayerPlay },
  { href: '/settings', label: 'Settings', icon: IconSettings },
]
export function isHere(place: Place, path: string): boolean {
  return [place.href, ...(place.also ?? [])].some(
    (href) => path === href || (href !== '/' && path.startsWith(`${href}/`)),
  )
}
