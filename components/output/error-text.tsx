/** An error of a notebook: one sentence and where it was; what was thrown and the way there on demand. */
import { UnstyledButton } from '@mantine/core'
import { Fragment } from 'react'
import { userError } from '../../runtime/api/runs.ts'
import { LongText } from './long-text.tsx'
import { parseFrames } from './stack.ts'
import { toPlain } from './text.ts'

export function ErrorText({ value, plain }: { value: unknown; plain: string }) {
  const parsed = userError.safeParse(value)
  if (!parsed.success)
    return <LongText text={plain || 'It failed without a message.'} className="out-error" />
  const error = parsed.data
  const isLong = error.message.length > 1000 || error.message.split('\n').length > 10
  return (
    <div className="out-error" role="alert">
      <p>
        <b>{toPlain(error.name)}</b>
        {!isLong && <>: {toPlain(error.message)}</>}
        {error.line !== undefined && (
          <span className="dim">
            {' '}
            ({error.cell !== undefined && `cell ${toPlain(error.cell)}, `}line {error.line}
            {error.column !== undefined && `, column ${error.column}`})
          </span>
        )}
      </p>
      {isLong && <LongText text={error.message} className="out-error" />}
      {error.thrown && (
        <details>
          <summary>What was thrown</summary>
          <LongText text={error.thrown} />
        </details>
      )}
      {error.stack && (
        <details>
          <summary>Where it came from</summary>
          <Stack text={toPlain(error.stack)} />
        </details>
      )}
    </div>
  )
}

/** The user's frames; each leads to its cell where the page has it. */
function Stack({ text }: { text: string }) {
  return (
    <pre>
      {parseFrames(text).map((frame, index) => (
        <Fragment key={index}>
          {frame.before}
          {frame.place && (
            <UnstyledButton className="frame-link" onClick={() => goTo(frame.place!.cell)}>
              {frame.place.text}
            </UnstyledButton>
          )}
          {frame.after}
          {'\n'}
        </Fragment>
      ))}
    </pre>
  )
}
function goTo(label: string): void {
  const cells = [...document.querySelectorAll<HTMLElement>('[data-cell]')]
  const cell = cells[Number(label) - 1] ?? cells.find((one) => one.dataset['cell'] === label)
  cell?.scrollIntoView({ block: 'center' })
  cell?.focus()
}
