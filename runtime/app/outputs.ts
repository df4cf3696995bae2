/** The outputs of one session of an App view: in memory, gone with it. */
import type { Output } from '../api/runs.ts'
import { collapse } from '../notebook/output.ts'
import type { OutputStore } from '../run/outputs.ts'

export function createSessionOutputs(): OutputStore {
  const byCell = new Map<string | null, Output[]>()
  let lastSeq = 0
  const list = (cell: string | null): Output[] => byCell.get(cell) ?? []
  return {
    insert(_workspace, _owner, cell, items, last) {
      byCell.set(cell, [...list(cell), ...items])
      lastSeq = Math.max(lastSeq, last)
      return Promise.resolve()
    },
    retire(_workspace, _owner, cell, { firstSeq }) {
      byCell.set(
        cell,
        list(cell).filter(({ seq }) => seq >= firstSeq),
      )
      return Promise.resolve()
    },
    change(_workspace, _owner, cell, change) {
      byCell.set(cell, change(list(cell)))
      return Promise.resolve()
    },
    find(_workspace, _owner, after = 0) {
      const items = [...byCell.values()].flat().filter(({ seq }) => seq > after)
      return Promise.resolve({ items: collapse(items.toSorted((a, b) => a.seq - b.seq)), lastSeq })
    },
  }
}
