/** The last hour on one axis: windows that were scored, actions, alerts, runs; newest last. */
import type { Overview } from '../api/overview.ts'
import type { Document, WorkspaceStore } from '../store/port.ts'

type Entry = Overview['timeline'][number]
const limit = 500

export async function findTimeline(store: WorkspaceStore, since: number): Promise<Entry[]> {
  const [actions, alerts, runs] = await Promise.all([
    store.find('actions', { filter: { createdAt: { $gte: since } }, sort: '-createdAt', limit: 200 }),
    store.find('alerts', { sort: '-lastAt', limit: 100 }),
    store.find('runs', { filter: { createdAt: { $gte: since } }, sort: '-createdAt', limit: 100 }),
  ])
  const rows = await findRows(store, since)
  const entries = [
    ...rows,
    ...actions.items.map((document) => toAction(document)),
    ...alerts.items.filter((document) => firedAt(document) >= since).map(toAlert),
    ...runs.items.map(toRun),
  ]
  return entries.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)).slice(-limit)
}

/** The newest windows of the running deployments, by when they fired. */
async function findRows(store: WorkspaceStore, since: number): Promise<Entry[]> {
  const running = await store.find('deployments', { filter: { state: 'running' }, limit: 10 })
  const found = await Promise.all(
    running.items.map(async (deployment) =>
      (await store.commits.rows(deployment.id, { limit: 200, newest: true }))
        .filter((row) => row.at >= since)
        .map((row): Entry => {
          const value = row.fields['score'] ?? row.fields['value']
          return {
            at: row.at,
            eventTime: row.end,
            kind: 'row',
            id: row.id,
            title: String(deployment['name']),
            state: 'scored',
            value: typeof value === 'number' ? value : null,
            link: `/deployments/${deployment.id}`,
          }
        }),
    ),
  )
  return found.flat()
}
function firedAt(alert: Document): number {
  return Number(alert['updatedAt'] ?? alert['createdAt'] ?? alert['lastAt'])
}
function toAction(document: Document): Entry {
  return {
    at: Number(document['createdAt']),
    eventTime: Number(document['at']),
    kind: 'action',
    id: document.id,
    title: String(document['kind']),
    state: String(document['state']),
    value: null,
    link: `/actions/${document.id}`,
  }
}
function toAlert(document: Document): Entry {
  return {
    at: firedAt(document),
    eventTime: Number(document['lastAt']),
    kind: 'alert',
    id: document.id,
    title: String(document['title']),
    state: String(document['state']),
    value: Number(document['count']),
    link: `/alerts/${document.id}`,
  }
}
function toRun(document: Document): Entry {
  const notebook = document['notebookName'] ?? 'run'
  return {
    at: Number(document['createdAt']),
    eventTime: null,
    kind: 'run',
    id: document.id,
    title: String(notebook),
    state: String(document['state']),
    value: typeof document['wallMs'] === 'number' ? document['wallMs'] : null,
    link: `/runs/${document.id}`,
  }
}
