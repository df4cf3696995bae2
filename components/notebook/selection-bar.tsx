import { Button } from '@mantine/core'
import type { CellCommand } from './command.ts'
import type { Selection } from './selection.ts'

const actions: [CellCommand, string][] = [
  ['run', 'Run'],
  ['cut', 'Cut'],
  ['copy', 'Copy'],
  ['merge', 'Merge'],
  ['up', 'Move up'],
  ['down', 'Move down'],
  ['fold', 'Fold'],
  ['delete', 'Delete'],
]
/** What can be done with several selected cells, while there are several. */
export function SelectionBar(props: {
  selection: Selection
  onCommand: (id: string, command: CellCommand) => void
}) {
  const { ids, active, collapse } = props.selection
  if (ids.length < 2 || active === null) return null
  return (
    <div className="selection-bar" role="toolbar" aria-label="Selected cells">
      <span role="status">{ids.length} cells selected</span>
      {actions.map(([name, label]) => (
        <Button key={name} variant="default" onClick={() => props.onCommand(active, name)}>
          {label}
        </Button>
      ))}
      <Button variant="subtle" color="gray" onClick={collapse}>
        Only one
      </Button>
    </div>
  )
}
