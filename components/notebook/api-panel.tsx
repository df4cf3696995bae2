'use client'
import { CodeBlock } from '../ui/parts.tsx'
import type { PanelProps } from './panel.ts'

/** Everything that this page does, for another program. */
export function ApiPanel({ notebook, values }: PanelProps) {
  const base = `${location.origin}/api/v1`
  const token = '  -H "authorization: Bearer $SURICATE_TOKEN"'
  const json = "  -H 'content-type: application/json'"
  const parameters = JSON.stringify({ parameters: values }).replaceAll("'", String.raw`'\''`)
  const calls: [string, string][] = [
    [
      'Run it and wait for the result',
      `curl -X POST '${base}/notebooks/${notebook.id}/runs?wait=30' \\\n${token} \\\n${json} \\\n  -d '${parameters}'`,
    ],
    [
      'Start a run and follow it',
      `curl -X POST '${base}/notebooks/${notebook.id}/runs' \\\n${token} \\\n${json} \\\n  -d '${parameters}'\ncurl -N "${base}/runs/$RUN/events" \\\n${token}`,
    ],
    ['Read the notebook', `curl '${base}/notebooks/${notebook.id}' \\\n${token}`],
  ]
  return (
    <div className="stack">
      <p className="dim">
        A token is made on the settings page. The parameters are those above the cells; the whole API is
        described at <a href="/api/v1/openapi.json">openapi.json</a>, this notebook with the types of its
        parameters at <a href={`/api/v1/notebooks/${notebook.id}/openapi.json`}>its own</a>.
      </p>
      {calls.map(([title, text]) => (
        <div key={title}>
          <h3>{title}</h3>
          <CodeBlock text={text} label={`Copy as curl: ${title}`} />
        </div>
      ))}
    </div>
  )
}
