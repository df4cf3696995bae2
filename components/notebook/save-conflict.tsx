import { Alert, Button, Group } from '@mantine/core'
import type { Cell } from '../../runtime/api/notebooks.ts'
import type { Draft } from './draft.ts'
import type { Choice } from './kept.ts'
import { LinesBeside } from './lines-beside.tsx'

const deleted = '(deleted)'

/** Cells that somebody else changed as well: both texts beside each other, and a choice for each. */
export function SaveConflict({ draft }: { draft: Draft }) {
  const { conflicts } = draft
  if (conflicts.length === 0) return null
  const all = (choice: Choice) => () => {
    for (const { id } of conflicts) draft.choose(id, choice)
  }
  return (
    <Alert
      color="yellow"
      radius={0}
      title={
        conflicts.length === 1
          ? 'A cell was changed elsewhere too'
          : `${conflicts.length} cells were changed elsewhere too`
      }
    >
      <p>All other changes are merged. Nothing is saved until you choose.</p>
      <ul className="conflicts">
        {conflicts.map(({ id, mine, theirs }) => (
          <li key={id} aria-label={toName(draft.cells, id)}>
            <LinesBeside
              before={theirs?.source ?? deleted}
              after={mine?.source ?? deleted}
              titles={['Theirs', 'Mine']}
            />
            <Group gap={8} mt={4}>
              <Button variant="default" onClick={() => draft.choose(id, 'mine')}>
                {mine ? 'Keep mine' : 'Delete it'}
              </Button>
              <Button variant="default" onClick={() => draft.choose(id, 'theirs')}>
                {theirs ? 'Take theirs' : 'Delete it'}
              </Button>
              {mine && theirs && (
                <Button variant="default" onClick={() => draft.choose(id, 'both')}>
                  Keep both
                </Button>
              )}
            </Group>
          </li>
        ))}
      </ul>
      {conflicts.length > 1 && (
        <Group gap={8} mt={8}>
          <Button variant="default" onClick={all('mine')}>
            Keep all mine
          </Button>
          <Button variant="default" onClick={all('theirs')}>
            Take all theirs
          </Button>
        </Group>
      )}
    </Alert>
  )
}
function toName(cells: readonly Cell[], id: string): string {
  const index = cells.findIndex((cell) => cell.id === id)
  return index < 0 ? 'A deleted cell' : `Cell ${index + 1}`
}
