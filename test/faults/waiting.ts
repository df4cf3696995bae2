import { toMessage } from '../../runtime/error.ts'
import { workspace } from './facts.ts'
import type { Scene } from './scene.ts'

const lookMs = 30

export async function waitForDeployment({ store, stream, deployment }: Scene, end: number): Promise<void> {
  const mine = store.in(workspace)
  await wait(
    async () => {
      const { state, lastError } = await mine.get('deployments', deployment)
      if (state === 'failed') throw new Error(`The deployment failed: ${String(lastError)}`)
      const [head, commit] = [await mine.log.head(stream), await mine.commits.head(deployment)]
      return commit?.offsets[stream] === head.nextSeq
    },
    end,
    'the deployment to work off the log',
  )
}

/** Waits for the thing until `end`; an error of the store, which may be away, is no answer. */
export async function wait(
  holds: () => boolean | Promise<boolean>,
  end: number,
  what: string | (() => string),
): Promise<void> {
  for (;;) {
    try {
      if (await holds()) return
    } catch (error) {
      if (performance.now() > end || toMessage(error).startsWith('The deployment failed')) throw error
    }
    if (performance.now() > end)
      throw new Error(`It waited in vain for ${typeof what === 'string' ? what : what()}.`)
    await new Promise((resolve) => setTimeout(resolve, lookMs))
  }
}
