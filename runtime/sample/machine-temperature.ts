/**
 * The sample project "Machine temperature", made at the first start through the same API that people use: history as an
 * object, a model learned from it, the rest as a live stream, and a deployment that stands guard over it.
 * Every step looks first whether it was done, so a start that was cut off is gone on with.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client } from '../api/client.ts'
import { AppError } from '../error.ts'
import { parsePercent } from '../notebook/percent.ts'

const border = '2014-01-10 00:00:00'
const projectName = 'Machine temperature'
const streamName = 'machine temperature'
/** Thirty days pass in about half a minute; then one row (five minutes of the machine) a second. */
const speed = [{ until: '2014-02-09 00:00:00', speed: 100_000 }, { speed: 300 }]

export interface SampleOptions {
  client: Client
  /** examples/machine-temperature */
  folder: string
  /** Of the receiver, which is running and allowed for egress. */
  webhook: string
}

export async function makeMachineTemperature(options: SampleOptions): Promise<void> {
  const { client, folder, webhook } = options
  const file = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')
  const [header, ...lines] = (await file('machine_temperature_system_failure.csv')).trim().split('\n')
  const csv = (part: string[]): string => `${[header, ...part].join('\n')}\n`
  const tags = ['sample']

  async function ensureObject(name: string, text: string, mediaType: string): Promise<void> {
    const { items } = await client.call('findObjects', { query: { name } })
    if (items.some((object) => object.name === name)) return
    await client.call('createObject', { query: { name, tags: tags.join(',') }, raw: text, mediaType })
  }
  await ensureObject('machine temperature history', csv(lines.filter((line) => line < border)), 'text/csv')
  await ensureObject('machine temperature live', csv(lines.filter((line) => line >= border)), 'text/csv')
  await ensureObject('machine temperature labels', await file('labels.json'), 'application/json')

  const projects = await client.call('findProjects', { query: { limit: 1000 } })
  const project =
    projects.items.find((p) => p.name === projectName) ??
    (await client.call('createProject', {
      body: {
        name: projectName,
        description:
          'A sensor in a large machine, from the Numenta Anomaly Benchmark (MIT): learn what is normal, then stand guard.',
      },
    }))
  const notebooks = await client.call('findNotebooks', { query: { project: project.id, limit: 1000 } })
  async function ensureNotebook(
    name: string,
    kind: 'analytics' | 'processing',
    source: string,
  ): Promise<string> {
    const found = notebooks.items.find((notebook) => notebook.name === name)
    if (found) return found.id
    const cells = parsePercent(await file(source))
    return (await client.call('createNotebook', { body: { name, kind, project: project.id, cells, tags } }))
      .id
  }
  const learn = await ensureNotebook('Learn what is normal', 'analytics', 'learn.ts')
  const guard = await ensureNotebook('Stand guard', 'processing', 'guard.ts')

  const models = await client.call('findModels', { query: { limit: 1000 } })
  if (!models.items.some((model) => model.name === streamName)) {
    const run = await client.call('createRun', { params: { id: learn }, query: { wait: 120 }, body: {} })
    if (run.state !== 'succeeded')
      throw new AppError(
        'unavailable',
        `The sample's learning run ${run.id} ended as ${run.state}: ${run.error?.message ?? ''}`,
      )
  }
  const streams = await client.call('findStreams', { query: { limit: 1000 } })
  if (!streams.items.some((stream) => stream.name === streamName))
    await client.call('createStream', {
      body: {
        name: streamName,
        source: { type: 'simulator', object: 'machine temperature live', speed, repeat: true },
        eventTime: { path: 'timestamp' },
        outOfOrder: 3_600_000,
        maxFuture: null,
      },
    })
  const deployments = await client.call('findDeployments', { query: { limit: 1000 } })
  if (!deployments.items.some((deployment) => deployment.notebook.id === guard))
    await client.call('createDeployment', {
      body: {
        notebook: guard,
        from: 'first',
        parameters: { receiver: webhook },
        name: 'Machine temperature guard',
      },
    })
}
