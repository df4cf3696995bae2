/** One action of a notebook, on its way to the ledger of a run or to the coming commit of a deployment. */
import { AppError } from '../error.ts'
import type { JsonObject } from '../json.ts'
import type { HostAnswer, HostCall } from '../sandbox/port.ts'
import type { ActionRequest, HostContext } from './context.ts'
import { toMilliseconds } from './duration.ts'
import type { Duration } from './streaming.ts'

interface Options {
  key?: string | undefined
  cooldown?: Duration | undefined
  model?: { name: string; version: number } | undefined
}

export async function act(
  context: HostContext,
  call: HostCall,
  kind: ActionRequest['kind'],
  request: JsonObject,
  options: Options,
): Promise<HostAnswer> {
  if (context.kind === 'processing' && call.cell !== null)
    throw new AppError(
      'conflict',
      'A processing notebook acts in its handlers only: its cells run again at every start.',
    )
  const { key, cooldown, model } = options
  const asked: ActionRequest = {
    kind,
    request,
    ...(key === undefined ? {} : { key }),
    ...(cooldown === undefined ? {} : { cooldownMs: toMilliseconds(cooldown) }),
    ...(model === undefined ? {} : { model }),
  }
  const { id } = await context.act(asked, call.step)
  return { value: { id } }
}
