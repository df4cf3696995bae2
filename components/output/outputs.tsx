'use client'
import { memo } from 'react'
import { inputMime } from '../../runtime/api/inputs.ts'
import type { Output } from '../../runtime/api/runs.ts'
import { collapse, errorMime, plotlyMime, progressMime, tableMime } from '../../runtime/notebook/output.ts'
import { InputOutput } from '../input/input-output.tsx'
import { ErrorText } from './error-text.tsx'
import { FigureOutput } from './figure-output.tsx'
import { LongText } from './long-text.tsx'
import { MarkdownText } from './markdown.tsx'
import { OutputTable } from './output-table.tsx'
import { ProgressLine } from './progress-line.tsx'
import { RichOutput } from './stage.tsx'
import './output.css'

/** The outputs of one cell, in order; `scope` makes their names unique on the page. */
export const Outputs = memo(function Outputs(props: { outputs: Output[]; scope: string; old?: boolean }) {
  const shown = collapse(props.outputs)
  if (shown.length === 0) return null
  return (
    <div className="outputs" data-old={props.old || undefined} aria-label="Outputs" role="group">
      {shown.map((output) => (
        <OneOutput
          key={output.replaces ?? output.seq}
          output={output}
          old={props.old ?? false}
          id={`${props.scope}-${output.replaces ?? output.seq}`}
        />
      ))}
    </div>
  )
})

function OneOutput({ output, id, old }: { output: Output; id: string; old: boolean }) {
  const { data, kind } = output
  const plain = typeof data['text/plain'] === 'string' ? data['text/plain'] : ''
  if (errorMime in data) return <ErrorText value={data[errorMime]} plain={plain} />
  if (inputMime in data) return <InputOutput value={data[inputMime]} />
  if (progressMime in data) return <ProgressLine value={data[progressMime]} old={old} />
  if (plotlyMime in data) return <FigureOutput value={data[plotlyMime]} id={id} />
  if (tableMime in data) return <OutputTable value={data[tableMime]} />
  const html = data['text/html']
  if (typeof html === 'string')
    return <RichOutput id={id} kind="html" value={html} height={24} label="HTML output" />
  const svg = data['image/svg+xml']
  if (typeof svg === 'string')
    return <RichOutput id={id} kind="svg" value={svg} height={120} label="SVG output" />
  for (const type of ['image/png', 'image/jpeg', 'image/gif'])
    if (typeof data[type] === 'string' && /^[A-Za-z0-9+/=\s]+$/.test(data[type]))
      return (
        <img
          className="out-image"
          alt="Output"
          src={`data:${type};base64,${data[type].replaceAll(/\s/g, '')}`}
        />
      )
  const markdown = data['text/markdown']
  if (typeof markdown === 'string') return <MarkdownText text={markdown} />
  if (kind === 'error') return <ErrorText value={null} plain={plain} />
  if (plain !== '') return <LongText text={plain} className={`out-${kind}`} />
  const json = data['application/json']
  return json === undefined ? null : <LongText text={JSON.stringify(json, null, 2)} />
}
