'use client'
import { Progress } from '@mantine/core'
import { memo } from 'react'
import { inputMime } from '../../runtime/api/inputs.ts'
import { progressOutput, userError, type Output } from '../../runtime/api/runs.ts'
import { collapse, errorMime, plotlyMime, progressMime, tableMime } from '../../runtime/notebook/output.ts'
import { InputOutput } from '../input/input-output.tsx'
import { toFigure } from '../ui/format.ts'
import { heightOf, parseFigure } from './figure.ts'
import { MarkdownText } from './markdown.tsx'
import { OutputTable } from './output-table.tsx'
import { RichOutput } from './stage.tsx'
import { toPlain } from './text.ts'
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
          id={`${props.scope}-${output.replaces ?? output.seq}`}
        />
      ))}
    </div>
  )
})

function OneOutput({ output, id }: { output: Output; id: string }) {
  const { data, kind } = output
  const plain = typeof data['text/plain'] === 'string' ? data['text/plain'] : ''
  if (errorMime in data) return <ErrorText value={data[errorMime]} plain={plain} />
  if (inputMime in data) return <InputOutput value={data[inputMime]} />
  if (progressMime in data) return <ProgressLine value={data[progressMime]} />
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
  if (plain !== '') return <pre className={`out-text out-${kind}`}>{toPlain(plain)}</pre>
  const json = data['application/json']
  return json === undefined ? null : <pre className="out-text">{toPlain(JSON.stringify(json, null, 2))}</pre>
}

function FigureOutput({ value, id }: { value: unknown; id: string }) {
  const figure = parseFigure(value)
  if (!figure) return <p className="dim">This figure has parts that are not drawn here.</p>
  return <RichOutput id={id} kind="plotly" value={figure} height={heightOf(figure)} label="Figure" />
}
/** One sentence; where it was; the rest on demand. */
export function ErrorText({ value, plain }: { value: unknown; plain: string }) {
  const parsed = userError.safeParse(value)
  if (!parsed.success)
    return <pre className="out-text out-error">{toPlain(plain || 'It failed without a message.')}</pre>
  const error = parsed.data
  return (
    <div className="out-error" role="alert">
      <p>
        <b>{error.name}</b>: {toPlain(error.message)}
        {error.line !== undefined && (
          <span className="dim">
            {' '}
            (line {error.line}
            {error.column !== undefined && `, column ${error.column}`})
          </span>
        )}
      </p>
      {error.stack && (
        <details>
          <summary>Where it came from</summary>
          <pre>{toPlain(error.stack)}</pre>
        </details>
      )}
    </div>
  )
}
function ProgressLine({ value }: { value: unknown }) {
  const parsed = progressOutput.safeParse(value)
  if (!parsed.success) return null
  const { done, total, label } = parsed.data
  return (
    <div className="out-progress">
      <Progress value={total > 0 ? (done / total) * 100 : 0} w={200} aria-label={label ?? 'Progress'} />
      <span className="dim">
        {label ? `${toPlain(label)} ` : ''}
        {toFigure(done)} of {toFigure(total)}
      </span>
    </div>
  )
}
