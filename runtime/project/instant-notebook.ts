/**
 * A notebook of the instant at which an action fired: the cells of the version that fired it, and one that gets what its
 * handler was given. Its metadata names the action and the parameters, so that a page can run it at that instant.
 */
import type { Notebook } from '../api/notebooks.ts'
import type { Instants } from '../deployment/instants.ts'
import { isAppError } from '../error.ts'
import type { JsonObject } from '../json.ts'
import type { Notebooks } from './notebooks.ts'

export interface InstantNotebookDeps {
  instants: Pick<Instants, 'get'>
  notebooks: Pick<Notebooks, 'versionFor' | 'create' | 'resolve'>
}

/** The one that is there already, where it was opened before. */
export async function openInstantNotebook(
  { instants, notebooks }: InstantNotebookDeps,
  workspace: string,
  action: string,
): Promise<Notebook> {
  const { deployment, parameters, notebook, stream, now } = toPlace(await instants.get(workspace, action))
  const version = await notebooks.versionFor(workspace, notebook.id, notebook.version)
  const name = `${version.name.slice(0, 150)} at ${action}`
  const about = [
    `## At the instant of an action`,
    ``,
    `Version ${version.version} of *${version.name}* asked for it at message ${stream}, ${new Date(now).toISOString()}.`,
    `\`instant\` below is what its handler was given; go through the handler's lines with it, cell by cell.`,
    `**Run** in the panel calls the handler of these cells at that instant: change them, and see whether it would have fired. Nothing leaves.`,
  ].join('\n')
  const metadata: JsonObject = { suricate: { action, deployment, parameters } }
  try {
    return await notebooks.create(workspace, {
      name,
      project: version.project,
      kind: 'processing',
      cells: [
        { type: 'markdown', source: about },
        ...version.cells,
        { type: 'typescript', source: `const instant = await streams.instant('${action}')\ninstant` },
      ],
      metadata,
    })
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error
    const known = await notebooks.resolve(workspace, name)
    const of = known.metadata?.['suricate'] as { action?: unknown } | undefined
    if (known.project !== version.project || of?.action !== action) throw error
    return known
  }
}
function toPlace({ context, ...rest }: Awaited<ReturnType<Instants['get']>>) {
  return { ...rest, stream: context.stream ? `${context.stream.to} of "${context.stream.name}"` : 'none' }
}
