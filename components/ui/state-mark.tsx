/** A state in words with an icon; colour alone never says it. */
import {
  IconAlertTriangle,
  IconBan,
  IconBellRinging,
  IconCheck,
  IconCircleDashed,
  IconClock,
  IconLoader2,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefreshAlert,
  IconX,
  type Icon,
} from '@tabler/icons-react'

type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'calm'
const marks: Record<string, [Tone, Icon, string?]> = {
  queued: ['calm', IconClock],
  running: ['good', IconPlayerPlay],
  succeeded: ['good', IconCheck],
  failed: ['bad', IconX],
  timed_out: ['bad', IconClock, 'timed out'],
  cancelled: ['calm', IconBan],
  skipped: ['calm', IconCircleDashed],
  starting: ['busy', IconLoader2],
  paused: ['calm', IconPlayerPause],
  draining: ['busy', IconLoader2],
  stopped: ['calm', IconBan],
  consuming: ['good', IconPlayerPlay],
  idle: ['calm', IconCircleDashed],
  ready: ['good', IconCheck],
  backoff: ['warn', IconAlertTriangle, 'retrying'],
  misconfigured: ['bad', IconAlertTriangle],
  open: ['bad', IconBellRinging],
  acknowledged: ['warn', IconCheck],
  resolved: ['good', IconCheck],
  silenced: ['calm', IconPlayerPause],
  pending: ['busy', IconClock],
  waiting: ['warn', IconClock],
  fired: ['good', IconCheck],
  muted: ['calm', IconPlayerPause],
  deduplicated: ['calm', IconCircleDashed],
  limited: ['warn', IconAlertTriangle],
  rejected: ['bad', IconBan],
  undone: ['calm', IconBan],
  info: ['calm', IconBellRinging],
  warning: ['warn', IconAlertTriangle],
  critical: ['bad', IconAlertTriangle],
  busy: ['busy', IconLoader2],
  dead: ['bad', IconX],
  stale: ['warn', IconRefreshAlert],
}

export function StateMark({ state, label }: { state: string; label?: string }) {
  const [tone, Mark, word] = marks[state] ?? ['calm', IconCircleDashed]
  return (
    <span className={`state state-${tone}`}>
      <Mark size={14} stroke={2} aria-hidden className={Mark === IconLoader2 ? 'turning' : undefined} />
      {label ?? word ?? state}
    </span>
  )
}
