'use client'
/** What differs between a version and what the notebook is now, cell by cell, beside each other. */
import { Modal } from '@mantine/core'
import { useMemo } from 'react'
import type { Cell } from '../../runtime/api/notebooks.ts'
import { diffCells, type CellDiff } from '../../runtime/notebook/diff.ts'
import { toCount } from '../ui/format.ts'
import { LinesBeside } from './lines-beside.tsx'

const words = { changed: 'changed', added: 'added since', removed: 'deleted since', moved: 'moved' }

export function VersionDiff(props: {
  title: string
  /** null: nothing is compared. */
  before: readonly Cell[] | null
  after: readonly Cell[]
  titles: [string, string]
  onClose: () => void
}) {
  const { before, after } = props
  const found = useMemo(
    () => (before ? diffCells(before, after).filter(({ kind }) => kind !== 'same') : []),
    [before, after],
  )
  return (
    <Modal
      opened={before !== null}
      onClose={props.onClose}
      title={props.title}
      size="min(1200px, 96vw)"
      closeButtonProps={{ 'aria-label': 'Close the comparison' }}
    >
      {found.length === 0 ? (
        <p>There is no difference.</p>
      ) : (
        <p className="dim">{toCount(found.length, 'cell')} differ.</p>
      )}
      {found.map((one) => (
        <section key={one.id} className="version-diff">
          <h3>{toName(one, before ?? [], after)}</h3>
          {one.kind !== 'moved' && (
            <LinesBeside
              before={one.before?.source ?? ''}
              after={one.after?.source ?? ''}
              titles={props.titles}
            />
          )}
        </section>
      ))}
    </Modal>
  )
}
function toName(one: CellDiff, before: readonly Cell[], after: readonly Cell[]): string {
  const index = (one.after ? after : before).findIndex(({ id }) => id === one.id)
  const type = one.before && one.after && one.before.type !== one.after.type
  return `Cell ${index + 1} ${words[one.kind as keyof typeof words]}${type ? `, now ${one.after!.type}` : ''}`
}
