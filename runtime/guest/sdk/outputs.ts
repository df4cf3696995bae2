/** The synchronous part of the SDK that makes outputs: show, plot, progress, log. */
import { AppError } from '../../error.ts'
import type { Json } from '../../json.ts'
import type { Plot, PlotOptions, QuickForm, Show, ShowOptions, Suricate } from '../../sdk/interface.ts'
import type { Bridge } from '../bridge.ts'
import { figureBundle, tableBundle, toBundle, toLongTable } from './display.ts'
import { quickForms, toFigure } from './figure.ts'
import type { Keeper } from './keep.ts'
import type { GuestTable } from './table.ts'

export function createOutputs(
  bridge: Bridge,
  keeper: Keeper,
): Pick<Suricate, 'show' | 'plot' | 'progress' | 'log'> {
  const display = (data: { [mime: string]: Json }, options: ShowOptions = {}): void => {
    const { id, append } = options
    bridge.output({
      kind: 'display',
      data,
      ...(id === undefined ? {} : { id: String(id).slice(0, 200) }),
      ...(append ? { append: true } : {}),
    })
  }
  let tables = 0
  const lastOf = new Map<string, number>()
  /** Its first rows at once, the reference to all of them when they have arrived and nothing else took its place. */
  const showTable = (table: GuestTable, id: string): void => {
    const number = ++tables
    lastOf.set(id, number)
    display(tableBundle(table), { id })
    void keeper.keep(table, (kept) => {
      if (lastOf.get(id) === number) display(tableBundle(table, kept), { id })
    })
  }
  const show = ((value: unknown, options: ShowOptions = {}): void => {
    const table = options.append ? undefined : toLongTable(value)
    if (table) return showTable(table, String(options.id ?? `table ${tables + 1}`).slice(0, 200))
    if (options.id !== undefined) lastOf.delete(String(options.id).slice(0, 200))
    display(
      toBundle(value, (given) => bridge.inspect(given)),
      options,
    )
  }) as Show
  show.markdown = (text, options) => {
    display({ 'text/markdown': String(text), 'text/plain': String(text) }, options)
  }
  show.html = (text, options) => {
    display({ 'text/html': String(text), 'text/plain': '(HTML)' }, options)
  }

  const plot = ((traces: object | object[], layout?: object, options?: ShowOptions): void => {
    const data = Array.isArray(traces) ? traces : [traces]
    if (data.some((trace) => typeof trace !== 'object' || trace === null))
      throw new AppError('invalid', 'plot(traces, layout) takes Plotly traces: objects with x, y and type.')
    display(figureBundle({ data, layout }), options)
  }) as Plot
  for (const form of quickForms)
    (plot as { [Form in QuickForm]: Plot[Form] })[form] = (
      source,
      options: PlotOptions = {},
      layout: object = {},
    ) => display(figureBundle(toFigure(form, source, options, layout)), options)

  const line =
    (kind: 'stdout' | 'stderr', mark: string) =>
    (...values: unknown[]): void => {
      const text = values
        .map((value) => (typeof value === 'string' ? value : bridge.inspect(value)))
        .join(' ')
      bridge.output({ kind, data: { 'text/plain': `${mark}${text}\n` } })
    }
  // From where and when the progress that is shown began; another label or a step back begins anew.
  let begun = { at: 0, from: 0, done: 0, label: '', cell: '' }
  const sinceBegin = (done: number, label: string): { elapsedMs: number; from: number } => {
    const now = Date.now()
    const { cell, execution } = bridge.place()
    const place = `${cell} ${execution}`
    if (label !== begun.label || done < begun.done || place !== begun.cell)
      begun = { at: now, from: done, done, label, cell: place }
    begun.done = done
    return { elapsedMs: Math.max(0, now - begun.at), from: begun.from }
  }
  return {
    show,
    plot,
    progress(done, total, label) {
      if (!Number.isFinite(done) || !Number.isFinite(total))
        throw new AppError('invalid', 'progress(done, total) takes two numbers.')
      bridge.output({
        kind: 'progress',
        id: 'progress',
        data: {
          'application/vnd.suricate.progress+json': {
            done,
            total,
            ...sinceBegin(done, String(label ?? '').slice(0, 200)),
            ...(label === undefined ? {} : { label: String(label).slice(0, 200) }),
          },
        },
      })
    },
    log: { info: line('stdout', ''), warn: line('stderr', 'warning: '), error: line('stderr', 'error: ') },
  }
}
