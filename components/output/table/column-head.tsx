/** The head of a column: its name sorts, its panel has the statistics and the filter. */
import { ActionIcon, NativeSelect, Popover, TextInput, UnstyledButton } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconArrowDown, IconArrowUp, IconFilter, IconFilterFilled } from '@tabler/icons-react'
import { useState } from 'react'
import { toEventTime, toFigure, toTypedCell } from '../../ui/format.ts'
import type { ColumnProfile } from './profile.ts'
import { type Asked, type Column, isRanged, type Sort } from './view.ts'

export interface HeadProps {
  column: Column
  sort: Sort | null
  asked: Asked | undefined
  profile: ColumnProfile | undefined
  rows: number
  onSort: () => void
  onAsk: (asked: Asked) => void
}
export function ColumnHead(props: HeadProps) {
  const { column, sort, asked, profile } = props
  const [open, setOpen] = useState(false)
  const label = asked ? `Filter of ${column.name}, which is on` : `Statistics and filter of ${column.name}`
  return (
    <div className="grid-title">
      <div>
        <UnstyledButton
          className="sort"
          onClick={props.onSort}
          title={`${column.name}, ${column.type}: sort`}
        >
          <span className="grid-name">{column.name}</span>
          {sort?.column === column.name &&
            (sort.down ? <IconArrowDown size={12} aria-hidden /> : <IconArrowUp size={12} aria-hidden />)}
        </UnstyledButton>
        <Popover
          opened={open}
          onChange={setOpen}
          position="bottom-start"
          trapFocus
          returnFocus
          withinPortal
          shadow="md"
        >
          <Popover.Target>
            <ActionIcon
              size={20}
              variant="subtle"
              color={asked ? 'blue' : 'gray'}
              aria-label={label}
              aria-expanded={open}
              onClick={() => setOpen(!open)}
            >
              {asked ? <IconFilterFilled size={13} /> : <IconFilter size={13} />}
            </ActionIcon>
          </Popover.Target>
          <Popover.Dropdown className="grid-panel">
            <Filter key={column.name} type={column.type} asked={asked ?? {}} onAsk={props.onAsk} />
            {profile ? <Statistics profile={profile} rows={props.rows} /> : <p className="dim">Counting …</p>}
          </Popover.Dropdown>
        </Popover>
      </div>
      {profile && <Bars profile={profile} />}
    </div>
  )
}

function Filter({ type, asked, onAsk }: { type: string; asked: Asked; onAsk: (asked: Asked) => void }) {
  const [value, setValue] = useState(asked)
  const tell = useDebouncedCallback(onAsk, 250)
  const set = (change: Asked) => {
    const next = { ...value, ...change }
    setValue(next)
    tell(next)
  }
  const kinds = type === 'boolean' ? ['', 'true', 'false', 'missing', 'present'] : ['', 'missing', 'present']
  const hint = type === 'time' ? '2024-01-31 12:00' : undefined
  return (
    <div className="grid-filter">
      {isRanged(type) ? (
        <>
          <TextInput
            size="xs"
            label="From"
            placeholder={hint}
            value={value.from ?? ''}
            onChange={(event) => set({ from: event.currentTarget.value })}
          />
          <TextInput
            size="xs"
            label="To"
            placeholder={hint}
            value={value.to ?? ''}
            onChange={(event) => set({ to: event.currentTarget.value })}
          />
        </>
      ) : (
        type !== 'boolean' && (
          <TextInput
            size="xs"
            label="Contains"
            value={value.contains ?? ''}
            onChange={(event) => set({ contains: event.currentTarget.value })}
          />
        )
      )}
      <NativeSelect
        size="xs"
        label="Rows"
        data={kinds.map((kind) => ({ value: kind, label: kind === '' ? 'all' : kind }))}
        value={value.is ?? ''}
        onChange={(event) => {
          const is = event.currentTarget.value
          set({ is: is === '' ? undefined : (is as NonNullable<Asked['is']>) } as Asked)
        }}
      />
    </div>
  )
}

function Statistics({ profile, rows }: { profile: ColumnProfile; rows: number }) {
  const { type, native, missing, distinct, min, max, mean, histogram } = profile
  const share = rows > 0 ? ` (${toFigure((missing / rows) * 100)}%)` : ''
  const facts: [string, string][] = [
    ['Type', native.toLowerCase() === type ? type : `${type} (${native})`],
    ['Missing', `${toFigure(missing)}${missing ? share : ''}`],
    ['Distinct', distinct === null ? '–' : toFigure(distinct)],
    ['Lowest', toTypedCell(min, type).slice(0, 60) || '–'],
    ['Highest', toTypedCell(max, type).slice(0, 60) || '–'],
    ...(mean === null
      ? []
      : [['Mean', type === 'time' ? toEventTime(mean) : toFigure(mean)] as [string, string]]),
  ]
  return (
    <>
      <dl className="grid-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {histogram[0] && 'value' in histogram[0] && (
        <ul className="grid-top" aria-label="Most frequent values">
          {histogram.slice(0, 6).map((bin) => (
            <li key={'value' in bin ? bin.value : ''}>
              <span>{'value' in bin ? bin.value.slice(0, 60) : ''}</span>
              <span>{toFigure(bin.count)}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function Bars({ profile }: { profile: ColumnProfile }) {
  const { histogram, name } = profile
  const high = Math.max(1, ...histogram.map((bin) => bin.count))
  const words = histogram.map((bin) => {
    const what =
      'from' in bin
        ? `${toTypedCell(bin.from, profile.type)} to ${toTypedCell(bin.to, profile.type)}`
        : bin.value
    return `${what.slice(0, 60)}: ${toFigure(bin.count)}`
  })
  return (
    <div className="grid-bars" role="img" aria-label={`Distribution of ${name}`} title={words.join('\n')}>
      {histogram.map((bin, index) => (
        <i key={index} style={{ height: `${(bin.count / high) * 100}%` }} />
      ))}
    </div>
  )
}
