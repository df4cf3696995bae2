import { Button, Checkbox, Table, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData } from '@tanstack/react-query'
import { useState } from 'react'
import type { DeadLetter } from '../../runtime/api/letters.ts'
import type { Stream } from '../../runtime/api/streams.ts'
import { useApi } from '../ui/api.ts'
import { toCount, toFigure } from '../ui/format.ts'
import { Ago, Waiting } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { TableScroll } from '../ui/table-scroll.tsx'
import { useReplay, type ReplayProgress } from './use-replay.ts'

const shown = 50

/** What could not be used, with its reason; a selection, or all with a reason, is read again by the definition of today. */
export function DeadLetters({ stream }: { stream: Stream }) {
  const { id, deadLetters: all } = stream
  const [typed, setTyped] = useState('')
  const [reason] = useDebouncedValue(typed.trim(), 300)
  const [open, setOpen] = useState(true)
  /** Cursors of the pages before this one. */
  const [path, setPath] = useState<string[]>([])
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set())
  const replay = useReplay(id)
  const cursor = path.at(-1)
  const query = useApi(
    'findDeadLetters',
    {
      params: { id },
      query: {
        limit: shown,
        ...(open ? { open: 'true' as const } : {}),
        ...(reason === '' ? {} : { reason }),
        ...(cursor === undefined ? {} : { cursor }),
      },
    },
    { enabled: all > 0, placeholderData: keepPreviousData, refetchInterval: 15_000 },
  )
  if (all === 0)
    return (
      <p className="dim">None. A message that cannot be read or has no time is kept here, with its reason.</p>
    )
  if (!query.data) return <Waiting query={query} lines={2} />
  const { items, nextCursor } = query.data
  const seqs = items.filter(isOpen).map(({ seq }) => seq)
  const selected = seqs.filter((seq) => chosen.has(seq))
  const toggle = (seq: number) =>
    setChosen(
      (before) => new Set(before.has(seq) ? [...before].filter((one) => one !== seq) : [...before, seq]),
    )
  const busy = replay.progress?.running ?? false
  const first = (change: () => void) => {
    setPath([])
    setChosen(new Set())
    change()
  }
  return (
    <div className="stack">
      <div className="toolbar letters-toolbar">
        <TextInput
          aria-label="Filter by reason"
          placeholder="Filter by reason"
          value={typed}
          onChange={(event) => {
            const { value } = event.currentTarget
            first(() => setTyped(value))
          }}
        />
        <Checkbox
          label="Not replayed only"
          checked={open}
          onChange={(event) => {
            const { checked } = event.currentTarget
            first(() => setOpen(checked))
          }}
        />
        <Button
          variant="default"
          disabled={selected.length === 0 || busy}
          onClick={() => {
            replay.start({ seqs: selected })
            setChosen(new Set())
          }}
        >
          {selected.length === 0 ? 'Replay the selected' : `Replay ${toFigure(selected.length)} selected`}
        </Button>
        <Button
          variant="default"
          disabled={busy || typed.trim() !== reason}
          onClick={() => replay.start({ reason })}
        >
          {reason === '' ? 'Replay all' : 'Replay all with this reason'}
        </Button>
        {busy && (
          <Button variant="subtle" color="gray" onClick={() => replay.stop()}>
            Stop
          </Button>
        )}
      </div>
      {replay.progress && <Progress progress={replay.progress} />}
      {items.length === 0 && path.length === 0 && nextCursor === null ? (
        <p className="dim">
          {reason === '' ? 'All of them were replayed.' : `None has “${reason}” in its reason.`}
        </p>
      ) : (
        <LetterTable
          letters={items}
          chosen={chosen}
          onToggle={toggle}
          onAll={() => setChosen(selected.length === seqs.length ? new Set() : new Set(seqs))}
        />
      )}
      {(path.length > 0 || nextCursor !== null) && (
        <div className="toolbar">
          <Button variant="default" disabled={path.length === 0} onClick={() => setPath(path.slice(0, -1))}>
            Newer
          </Button>
          <Button
            variant="default"
            disabled={nextCursor === null}
            onClick={() => nextCursor !== null && setPath([...path, nextCursor])}
          >
            Older
          </Button>
        </div>
      )}
      <p className="dim">
        A replayed message is read by definition {stream.definition}, arrives now, keeps its event time, and
        is never there twice.
      </p>
    </div>
  )
}
const isOpen = ({ replay }: DeadLetter): boolean =>
  replay?.state !== 'replayed' && replay?.state !== 'duplicate'

function Progress({ progress }: { progress: ReplayProgress }) {
  const { running, replayed, duplicate, failed, error } = progress
  const parts = [
    `${toFigure(replayed)} replayed`,
    ...(duplicate > 0 ? [`${toFigure(duplicate)} in the log already`] : []),
    ...(failed > 0 ? [`${toFigure(failed)} failed again`] : []),
  ]
  const done = replayed + duplicate + failed
  const state = running ? 'busy' : error !== null ? 'failed' : failed > 0 ? 'backoff' : 'succeeded'
  return (
    <p role="status" aria-label="Replay">
      <StateMark
        state={state}
        label={`${running ? `Replaying, ${toCount(done, 'letter')} done: ` : ''}${parts.join(', ')}`}
      />
      {error !== null && <span> · stopped: {error}</span>}
    </p>
  )
}

function LetterTable(props: {
  letters: DeadLetter[]
  chosen: ReadonlySet<number>
  onToggle: (seq: number) => void
  onAll: () => void
}) {
  const { letters, chosen } = props
  const open = letters.filter(isOpen)
  const count = open.filter(({ seq }) => chosen.has(seq)).length
  return (
    <TableScroll height={360}>
      <Table stickyHeader aria-label="Dead letters">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <Checkbox
                aria-label="Select all on this page"
                checked={count > 0 && count === open.length}
                indeterminate={count > 0 && count < open.length}
                disabled={open.length === 0}
                onChange={props.onAll}
              />
            </Table.Th>
            <Table.Th>Received</Table.Th>
            <Table.Th>Reason</Table.Th>
            <Table.Th>As it came</Table.Th>
            <Table.Th>Replay</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {letters.map((letter) => (
            <Table.Tr key={letter.seq}>
              <Table.Td>
                {isOpen(letter) && (
                  <Checkbox
                    aria-label={`Select dead letter ${letter.seq}`}
                    checked={chosen.has(letter.seq)}
                    onChange={() => props.onToggle(letter.seq)}
                  />
                )}
              </Table.Td>
              <Table.Td>
                <Ago at={letter.receivedAt} />
              </Table.Td>
              <Table.Td className="wrap">{letter.reason}</Table.Td>
              <Table.Td className="mono message-body" title={letter.raw.slice(0, 2000)}>
                {letter.encoding === 'base64' && <span className="dim">base64 </span>}
                {letter.raw.slice(0, 200)}
              </Table.Td>
              <Table.Td>
                <Outcome letter={letter} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TableScroll>
  )
}

const states = { replaying: 'busy', replayed: 'succeeded', duplicate: 'skipped', failed: 'failed' } as const
function Outcome({ letter: { replay } }: { letter: DeadLetter }) {
  if (!replay) return <span className="dim">not yet</span>
  const label = {
    replaying: 'begun',
    replayed: replay.seq === null ? 'replayed' : `replayed as ${replay.seq}`,
    duplicate: 'in the log already',
    failed: `failed again, definition ${replay.definition}`,
  }[replay.state]
  return (
    <>
      <StateMark state={states[replay.state]} label={label} /> <Ago at={replay.at} />
    </>
  )
}
