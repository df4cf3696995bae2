/** Every handler of the API, from one runtime. */
import type { Runtime } from '../../runtime/open.ts'
import { sdkDeclarations } from '../../runtime/sdk/declarations.ts'
import { accessHandlers } from './access.ts'
import { appHandlers } from './apps.ts'
import { actionHandlers } from './actions.ts'
import type { ApiOptions } from './api.ts'
import { collectorHandlers } from './collectors.ts'
import { declarationHandlers } from './declarations.ts'
import { deploymentHandlers } from './deployments.ts'
import { digestHandlers } from './digests.ts'
import { inputHandlers } from './inputs.ts'
import { letterHandlers } from './letters.ts'
import { modelHandlers } from './models.ts'
import { notebookHandlers } from './notebooks.ts'
import { objectHandlers } from './objects.ts'
import { otlpHandlers } from './otlp.ts'
import { overviewHandlers } from './overview.ts'
import { packageHandlers } from './packages.ts'
import { presenceHandlers } from './presence.ts'
import { runHandlers } from './runs.ts'
import { streamHandlers } from './streams.ts'
import { tableHandlers } from './tables.ts'

export function createHandlers(runtime: Runtime): ApiOptions['handlers'] {
  const { config, version, sandboxes } = runtime
  return {
    ...overviewHandlers({ ...runtime, metrics: runtime.metrics.registry, sdkTypes: sdkDeclarations }),
    ...accessHandlers({
      ...runtime,
      version,
      sandbox: sandboxes.wrappers,
      singleUser: config.SURICATE_SINGLE_USER,
    }),
    ...objectHandlers(runtime),
    ...streamHandlers(runtime),
    ...letterHandlers(runtime),
    ...otlpHandlers(runtime),
    ...digestHandlers(runtime),
    ...collectorHandlers(runtime),
    ...notebookHandlers(runtime),
    ...packageHandlers(runtime),
    ...runHandlers(runtime),
    ...presenceHandlers(runtime),
    ...inputHandlers(runtime),
    ...appHandlers(runtime),
    ...tableHandlers(runtime),
    ...modelHandlers(runtime),
    ...declarationHandlers(runtime),
    ...deploymentHandlers(runtime),
    ...actionHandlers(runtime),
  }
}
