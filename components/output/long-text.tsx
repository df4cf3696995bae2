/** Text of an output: its beginning, the rest on demand, and a way to copy all of it. */
import { ActionIcon, Button, CopyButton, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import { toFigure } from '../ui/format.ts'
import { cutText, toPlain } from './text.ts'

export function LongText({
  text,
  className = '',
  copy = true,
}: {
  text: string
  className?: string
  copy?: boolean
}) {
  const [whole, setWhole] = useState(false)
  const plain = toPlain(text)
  const { shown, lines, characters } = cutText(plain)
  const isLong = shown.length < plain.length
  return (
    <div className="long-text">
      <pre className={`out-text ${className}`} tabIndex={whole && isLong ? 0 : undefined}>
        {whole ? plain : shown}
      </pre>
      {isLong && (
        <Button size="compact-xs" variant="subtle" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole
            ? 'Show less'
            : lines > 0
              ? `Show ${toFigure(lines)} more ${lines === 1 ? 'line' : 'lines'}`
              : `Show ${toFigure(characters)} more characters`}
        </Button>
      )}
      {copy && plain.trim() !== '' && (
        <CopyButton value={plain} timeout={1500}>
          {({ copied, copy: take }) => (
            <Tooltip label={copied ? 'Copied' : 'Copy the text'}>
              <ActionIcon
                className="copy-text"
                size={22}
                variant="subtle"
                onClick={take}
                aria-label="Copy the text"
              >
                {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      )}
    </div>
  )
}
