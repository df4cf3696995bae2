'use client'
/** Mod+K: every place, notebook, object, stream, model and deployment by name. */
import { Spotlight, spotlight, type SpotlightActionData } from '@mantine/spotlight'
import { IconSearch } from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { useApi } from './api.ts'
import { places } from './places.ts'

export const openPalette = (): void => spotlight.open()

export function Palette() {
  const router = useRouter()
  const [opened, setOpened] = useState(false)
  const options = { enabled: opened, staleTime: 30_000 }
  const notebooks = useApi('findNotebooks', { query: { limit: 200 } }, options)
  const objects = useApi('findObjects', { query: { limit: 200 } }, options)
  const streams = useApi('findStreams', { query: { limit: 200 } }, options)
  const models = useApi('findModels', { query: { limit: 100 } }, options)
  const deployments = useApi('findDeployments', { query: { limit: 100 } }, options)
  const one = (group: string, href: string, label: string): SpotlightActionData => ({
    id: href,
    label,
    description: group,
    onClick: () => router.push(href),
  })
  const actions = [
    ...places.map((place) => one('Place', place.href, place.label)),
    ...(notebooks.data?.items ?? []).map((n) => one('Notebook', `/notebooks/${n.id}`, n.name)),
    ...(objects.data?.items ?? []).map((o) => one('Object', `/data/objects/${o.id}`, o.name)),
    ...(streams.data?.items ?? []).map((s) => one('Stream', `/data/streams/${s.id}`, s.name)),
    ...(models.data?.items ?? []).map((m) => one('Model', `/models/${encodeURIComponent(m.name)}`, m.name)),
    ...(deployments.data?.items ?? []).map((d) => one('Deployment', `/deployments/${d.id}`, d.name)),
  ]
  return (
    <Spotlight
      actions={actions}
      shortcut={['mod + K']}
      onSpotlightOpen={() => setOpened(true)}
      onSpotlightClose={() => setOpened(false)}
      nothingFound="Nothing has that name"
      highlightQuery
      limit={12}
      searchProps={{
        leftSection: <IconSearch size={16} />,
        placeholder: 'Find a place, notebook, object, stream, model or deployment',
        'aria-label': 'Find anything',
      }}
    />
  )
}
