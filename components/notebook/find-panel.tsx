'use client'
/** Find and replace over all cells. What is found follows the cells as they change. */
import { Button, Checkbox, Group, TextInput } from '@mantine/core'
import { useDeferredValue, useMemo, useRef, useState } from 'react'
import { findMatches, replaceMatches, type FindQuery, type Match } from '../../runtime/notebook/find.ts'
import { toCount } from '../ui/format.ts'
import type { PanelProps } from './panel.ts'

const shown = 200
const switches = [
  ['matchCase', 'Match case'],
  ['wholeWord', 'Whole words'],
  ['regex', 'Regular expression'],
] as const

export function FindPanel({ draft, rewrite, onGo }: PanelProps) {
  const [query, setQuery] = useState<FindQuery>({
    text: '',
    regex: false,
    matchCase: false,
    wholeWord: false,
  })
  const [by, setBy] = useState('')
  const [at, setAt] = useState(-1)
  const [said, setSaid] = useState('')
  const input = useRef<HTMLInputElement>(null)
  const asked = useDeferredValue(query)
  const cells = useDeferredValue(draft.cells)
  const found = useMemo(() => findMatches(cells, asked), [cells, asked])
  const numberOf = useMemo(() => new Map(cells.map((cell, index) => [cell.id, index + 1])), [cells])
  const { matches } = found
  const current = matches[Math.min(at, matches.length - 1)]

  const go = (index: number) => {
    const next = matches[(index + matches.length) % matches.length]
    if (!next) return
    setAt(matches.indexOf(next))
    onGo(next.cell, next)
  }
  const change = (patch: Partial<FindQuery>) => {
    setQuery({ ...query, ...patch })
    setAt(-1)
    setSaid('')
  }
  const replace = (only: Match | null) => {
    const done = replaceMatches(draft.now(), query, by, only)
    if (done.count === 0) return
    rewrite(done.cells)
    setSaid(`${toCount(done.count, 'place')} replaced. Z outside the editor undoes it.`)
  }
  const cellCount = new Set(matches.map((match) => match.cell)).size
  const summary =
    found.error ??
    (query.text === ''
      ? ''
      : matches.length === 0
        ? 'Nothing is found.'
        : `${found.more ? 'More than ' : ''}${toCount(matches.length, 'place')} in ${toCount(cellCount, 'cell')}`)
  return (
    <div className="stack find">
      <TextInput
        ref={input}
        label="Find"
        data-autofocus
        autoFocus
        value={query.text}
        error={found.error !== null}
        onChange={(event) => change({ text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter') go(event.shiftKey ? at - 1 : at + 1)
        }}
      />
      <TextInput
        label="Replace with"
        value={by}
        onChange={(event) => setBy(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && current) replace(current)
        }}
      />
      <Group gap={12}>
        {switches.map(([name, label]) => (
          <Checkbox
            key={name}
            size="xs"
            label={label}
            checked={query[name]}
            onChange={(event) => change({ [name]: event.currentTarget.checked })}
          />
        ))}
      </Group>
      <Group gap={8}>
        <Button variant="default" disabled={matches.length === 0} onClick={() => go(at - 1)}>
          Previous
        </Button>
        <Button variant="default" disabled={matches.length === 0} onClick={() => go(at + 1)}>
          Next
        </Button>
        <Button variant="default" disabled={!current} onClick={() => current && replace(current)}>
          Replace
        </Button>
        <Button variant="default" disabled={matches.length === 0} onClick={() => replace(null)}>
          Replace all
        </Button>
      </Group>
      <p className="dim" role="status">
        {said || summary}
      </p>
      <ol className="find-list">
        {matches.slice(0, shown).map((match) => (
          <li key={`${match.cell}-${match.start}`}>
            <button
              type="button"
              aria-current={match === current || undefined}
              onClick={() => go(matches.indexOf(match))}
            >
              <span className="dim">
                {numberOf.get(match.cell)}:{match.line}
              </span>{' '}
              {match.excerpt.before}
              <mark>{match.excerpt.text}</mark>
              {match.excerpt.after}
            </button>
          </li>
        ))}
      </ol>
      {matches.length > shown && <p className="dim">The first {shown} are listed.</p>}
    </div>
  )
}
