/**
 * Who has a notebook open, and on which cell: in the memory of this process, for as long as each page says so. A page
 * that says nothing for two minutes is gone. Bounded; who came first goes first.
 */
import type { Person } from '../api/presence.ts'
import type { Bus } from '../bus/port.ts'

/** Twice what a browser lets a hidden page wait. */
const goneMs = 120_000
const sweepMs = 5_000
const maxPeople = 50
const maxNotebooks = 2_000

export interface Seen {
  /** Of the page, chosen by it. */
  tab: string
  member: string
  name: string
  kind: Person['kind']
  cell: string | null
}
export interface Presence {
  /** Is there now; who is there, themselves too. */
  see(workspace: string, notebook: string, seen: Seen): Person[]
  leave(workspace: string, notebook: string, gone: Pick<Seen, 'tab' | 'member'>): Person[]
  find(workspace: string, notebook: string): Person[]
  /** Drops who is gone; also done every few seconds. */
  sweep(): void
  close(): void
}
export interface PresenceDeps {
  bus: Pick<Bus, 'publish'>
  clock: { now(): number }
  /** Whoever follows the notebook's kernel hears of it there too. */
  tell?: (workspace: string, notebook: string, people: Person[]) => void
}
interface Place {
  workspace: string
  notebook: string
  people: Map<string, { person: Person; at: number }>
}

export function openPresence({ bus, clock, tell }: PresenceDeps): Presence {
  const places = new Map<string, Place>()
  const keyOf = (workspace: string, notebook: string): string => `${workspace}/${notebook}`
  const list = (place: Place | undefined): Person[] =>
    place ? [...place.people.values()].map(({ person }) => person) : []

  function changed(place: Place): void {
    const people = list(place)
    if (people.length === 0) places.delete(keyOf(place.workspace, place.notebook))
    bus.publish(place.workspace, { topic: `presence/${place.notebook}`, data: { notebook: place.notebook } })
    tell?.(place.workspace, place.notebook, people)
  }
  function open(workspace: string, notebook: string): Place {
    const key = keyOf(workspace, notebook)
    const place = places.get(key) ?? { workspace, notebook, people: new Map() }
    places.set(key, place)
    const [oldest] = places.keys()
    if (places.size > maxNotebooks && oldest !== undefined) places.delete(oldest)
    return place
  }

  const presence: Presence = {
    see(workspace, notebook, { tab, member, name, kind, cell }) {
      const place = open(workspace, notebook)
      const key = `${member}/${tab}`
      const before = place.people.get(key)?.person
      const person: Person = { id: tab, name, cell, kind }
      place.people.set(key, { person, at: clock.now() })
      const [first] = place.people.keys()
      if (place.people.size > maxPeople && first !== undefined) place.people.delete(first)
      if (before?.cell !== cell || before.name !== name) changed(place)
      return list(place)
    },
    leave(workspace, notebook, { tab, member }) {
      const place = places.get(keyOf(workspace, notebook))
      if (place?.people.delete(`${member}/${tab}`)) changed(place)
      return list(place)
    },
    find: (workspace, notebook) => list(places.get(keyOf(workspace, notebook))),
    sweep() {
      const until = clock.now() - goneMs
      for (const place of places.values()) {
        const before = place.people.size
        for (const [key, { at }] of place.people) if (at < until) place.people.delete(key)
        if (place.people.size !== before) changed(place)
      }
    },
    close() {
      clearInterval(timer)
      places.clear()
    },
  }
  const timer = setInterval(() => presence.sweep(), sweepMs)
  timer.unref()
  return presence
}
