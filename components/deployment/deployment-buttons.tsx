'use client'
import { Button } from '@mantine/core'
import type { Deployment } from '../../runtime/api/deployments.ts'
import { useAct } from '../ui/api.ts'

export function DeploymentButtons({ deployment, small }: { deployment: Deployment; small?: boolean }) {
  const { id, state } = deployment
  const pause = useAct('pauseDeployment')
  const resume = useAct('resumeDeployment')
  const drain = useAct('drainDeployment')
  const move = useAct('moveDeployment', { said: 'It goes on in another process, from its last commit' })
  const size = small ? 'compact-xs' : 'xs'
  const params = { params: { id } }
  const runs = state === 'running' || state === 'starting'
  return (
    <>
      {runs && (
        <Button size={size} variant="default" loading={pause.isPending} onClick={() => pause.mutate(params)}>
          Pause
        </Button>
      )}
      {(state === 'paused' || state === 'failed' || state === 'stopped') && (
        <Button
          size={size}
          variant="default"
          loading={resume.isPending}
          onClick={() => resume.mutate(params)}
        >
          Resume
        </Button>
      )}
      {runs && !small && (
        <Button size={size} variant="default" loading={drain.isPending} onClick={() => drain.mutate(params)}>
          Drain
        </Button>
      )}
      {runs && !small && (
        <Button size={size} variant="default" loading={move.isPending} onClick={() => move.mutate(params)}>
          Move
        </Button>
      )}
    </>
  )
}
