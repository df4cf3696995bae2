import { useMemo } from 'react'
import { interpolate } from '../../runtime/notebook/interpolate.ts'
import { MarkdownText } from '../output/markdown.tsx'
import { useValues } from './values.ts'

/** The text of a Markdown cell with the values of the notebook's variables in it. */
export function MarkdownCell({ source }: { source: string }) {
  const values = useValues()
  const text = useMemo(() => interpolate(source, (name) => values.get(name)), [source, values])
  return <MarkdownText text={text} />
}
