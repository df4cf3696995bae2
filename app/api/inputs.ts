/** Inputs of kernels. */
import type { inputOperations } from '../../runtime/api/inputs.ts'
import type { Kernels } from '../../runtime/run/kernels.ts'
import type { Handlers } from './handler.ts'
import { checkSeen } from './notebooks.ts'

export function inputHandlers({ kernels }: { kernels: Kernels }): Handlers<keyof typeof inputOperations> {
  return {
    setInput: async ({ actor, params: { id }, body }) => {
      checkSeen(actor, kernels.place(actor.workspace, id).project, 'kernel', id)
      return kernels.setInput(actor.workspace, id, body)
    },
  }
}
