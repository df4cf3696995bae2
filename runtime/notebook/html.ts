/**
 * A notebook as one HTML file that opens without a server: style, pictures and Plotly (where there is a figure) are in
 * it. Nothing of a person's executes: their HTML and SVG stand in frames without scripts and without a network, and the
 * page's own policy lets only the two scripts with its nonce run. Nothing is loaded from elsewhere.
 */
import type { Cell } from '../api/notebooks.ts'
import type { Output } from '../api/runs.ts'
import type { JsonObject } from '../json.ts'
import { isJsonObject } from '../json.ts'
import { highlight } from './highlight.ts'
import { renderMarkdown } from './markdown.ts'
import { collapse, errorMime, plotlyMime, progressMime, tableMime } from './output.ts'
import { escapeHtml, tableToHtml } from './table-text.ts'
import { htmlStyle } from './html-style.ts'

export interface HtmlOptions {
  name: string
  cells: readonly Cell[]
  outputs: readonly Output[]
  /** Unguessable, of letters and digits. */
  nonce: string
  /** The source of plotly.min.js; asked for once, where there is a figure. */
  plotly: () => Promise<string>
}

const framePolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"

export async function toHtml({ name, cells, outputs, nonce, plotly }: HtmlOptions): Promise<string> {
  const figures: JsonObject[] = []
  const shown = collapse(outputs)
  const body = cells
    .map((cell) =>
      renderCell(
        cell,
        shown.filter((output) => output.cell === cell.id),
        figures,
      ),
    )
    .join('\n')
  const script = (text: string): string =>
    `<script nonce="${nonce}">${text.replaceAll(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--')}</script>`
  const drawn = figures.length === 0 ? [] : [script(await plotly()), dataScript(figures), script(drawScript)]
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; script-src 'nonce-${nonce}'; frame-src 'self' about:`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(name)}</title>
<style>${htmlStyle}</style>
</head>
<body>
<main>
<h1 class="name">${escapeHtml(name)}</h1>
${body}
</main>
${script(frameScript)}
${drawn.join('\n')}
</body>
</html>
`
}

/** Frames cannot tell their height: the page looks, which it may, as nothing in them executes. */
const frameScript = `for (const frame of document.querySelectorAll('iframe')) {
  const fit = () => { const page = frame.contentDocument; if (page && page.body) frame.style.height = Math.min(page.documentElement.scrollHeight + 2, 2000) + 'px' }
  frame.addEventListener('load', fit); fit()
}`
const drawScript = `JSON.parse(document.getElementById('figures').textContent).forEach((figure, i) => {
  const place = document.getElementById('figure-' + i)
  Plotly.newPlot(place, figure.data || [], figure.layout || {}, { responsive: true, displaylogo: false }).catch(() => { place.textContent = 'This figure cannot be drawn.' })
})`
function dataScript(figures: readonly JsonObject[]): string {
  return `<script type="application/json" id="figures">${JSON.stringify(figures).replaceAll('<', '\\u003c')}</script>`
}

function renderCell(cell: Cell, outputs: readonly Output[], figures: JsonObject[]): string {
  const shown = outputs.map((output) => renderOutput(output, figures)).join('\n')
  const results = shown === '' ? '' : `<div class="outputs">\n${shown}\n</div>\n`
  if (cell.type === 'markdown') {
    const said = outputs.find(({ data }) => typeof data['text/markdown'] === 'string')?.data['text/markdown']
    const text = renderMarkdown(typeof said === 'string' ? said : cell.source, findAttachments(cell))
    return `<section class="markdown">\n${text}\n</section>`
  }
  const own = cell.metadata?.['suricate']
  const language = isJsonObject(own) && typeof own['language'] === 'string' ? own['language'] : ''
  const code = highlight(cell.source, cell.type === 'raw' ? language : cell.type)
  const source =
    cell.view?.codeHidden || cell.source === ''
      ? ''
      : `<pre class="code" data-language="${escapeHtml(cell.type === 'raw' ? language : cell.type)}"><code>${code}</code></pre>\n`
  return `<section class="cell">\n${source}${results}</section>`
}

function findAttachments(cell: Cell): JsonObject {
  const own = cell.metadata?.['suricate']
  return isJsonObject(own) && isJsonObject(own['attachments']) ? own['attachments'] : {}
}

function renderOutput({ kind, data }: Output, figures: JsonObject[]): string {
  const text = (mime: string): string | undefined => {
    const value = data[mime]
    return typeof value === 'string' ? value : undefined
  }
  const plain = toPlain(text('text/plain') ?? '')
  const error = data[errorMime]
  if (kind === 'error' || error !== undefined) return renderError(error, plain)
  const figure = data[plotlyMime]
  if (isJsonObject(figure)) {
    figures.push(figure)
    return `<div class="figure" id="figure-${figures.length - 1}"></div>`
  }
  const table = data[tableMime]
  if (isJsonObject(table)) return `<div class="table">${tableToHtml(table)}</div>`
  const progress = data[progressMime]
  if (isJsonObject(progress))
    return `<p class="progress">${escapeHtml(`${String(progress['label'] ?? '')} ${String(progress['done'])} of ${String(progress['total'])}`.trim())}</p>`
  const html = text('text/html') ?? text('image/svg+xml')
  if (html !== undefined) return renderFrame(html)
  for (const mime of ['image/png', 'image/jpeg', 'image/gif', 'image/webp']) {
    const base64 = text(mime)?.replaceAll(/\s/g, '')
    if (base64 && /^[A-Za-z0-9+/]+=*$/.test(base64))
      return `<img alt="Output" src="data:${mime};base64,${base64}">`
  }
  const markdown = text('text/markdown')
  if (markdown !== undefined) return `<div class="markdown">${renderMarkdown(markdown)}</div>`
  if (plain !== '') return `<pre class="text ${kind}">${escapeHtml(plain)}</pre>`
  const json = data['application/json']
  return json === undefined ? '' : `<pre class="text">${escapeHtml(JSON.stringify(json, null, 2))}</pre>`
}

function renderError(value: unknown, plain: string): string {
  const { name, message, stack } = isJsonObject(value) ? value : {}
  const head =
    typeof message === 'string' ? `${typeof name === 'string' ? name : 'Error'}: ${message}` : plain
  const more = typeof stack === 'string' && stack !== '' ? `\n${toPlain(stack)}` : ''
  return `<pre class="text error">${escapeHtml(toPlain(head) + more)}</pre>`
}
/** Same origin, so that its height can be read; without scripts, forms, links that open and a network. */
function renderFrame(html: string): string {
  const page = `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${framePolicy}"><style>body{margin:4px;font:14px system-ui,sans-serif}table{border-collapse:collapse}td,th{padding:2px 8px;border-bottom:1px solid #ddd;text-align:left}</style>${html}`
  return `<iframe title="Output" sandbox="allow-same-origin" srcdoc="${escapeHtml(page)}"></iframe>`
}
/** Without the colours of terminals and other control characters. */
function toPlain(text: string): string {
  return text
    .replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')
}
