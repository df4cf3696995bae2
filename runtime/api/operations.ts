/** Every operation of the REST API, in one table. */
import { accessOperations } from './access.ts'
import { appOperations } from './apps.ts'
import { actionOperations } from './actions.ts'
import { collectorOperations } from './collectors.ts'
import { declarationOperations } from './declarations.ts'
import { deploymentOperations } from './deployments.ts'
import { digestOperations } from './digests.ts'
import { inputOperations } from './inputs.ts'
import { letterOperations } from './letters.ts'
import { modelOperations } from './models.ts'
import { notebookOperations } from './notebooks.ts'
import { objectOperations } from './objects.ts'
import { otlpOperations } from './otlp.ts'
import { overviewOperations } from './overview.ts'
import { packageOperations } from './packages.ts'
import { presenceOperations } from './presence.ts'
import { runOperations } from './runs.ts'
import { streamOperations } from './streams.ts'
import { tableOperations } from './tables.ts'

export const operations = {
  ...overviewOperations,
  ...objectOperations,
  ...streamOperations,
  ...letterOperations,
  ...otlpOperations,
  ...digestOperations,
  ...collectorOperations,
  ...notebookOperations,
  ...packageOperations,
  ...runOperations,
  ...presenceOperations,
  ...inputOperations,
  ...appOperations,
  ...tableOperations,
  ...modelOperations,
  ...declarationOperations,
  ...deploymentOperations,
  ...actionOperations,
  ...accessOperations,
}
export type Operations = typeof operations
export type OperationId = keyof Operations
