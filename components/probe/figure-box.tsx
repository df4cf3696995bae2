'use client'
/** A figure with the table behind it: a button changes between them, and where charts are off the table stands alone. */
import { Button } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { Section } from '../ui/parts.tsx'

interface Props {
  title: string
  /** Off: tables alone. */
  chart: boolean
  aside?: ReactNode
  figure: ReactNode
  table: ReactNode
}
export function FigureBox({ title, chart, aside, figure, table }: Props) {
  const [asTable, setAsTable] = useState(false)
  const shown = chart && !asTable
  return (
    <Section
      title={title}
      aside={
        <>
          {aside}
          {chart && (
            <Button variant="default" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
              {asTable ? 'Show as chart' : 'Show as table'}
            </Button>
          )}
        </>
      }
    >
      {shown ? figure : table}
    </Section>
  )
}
