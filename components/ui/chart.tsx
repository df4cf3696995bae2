'use client'
/**
 * Plotly for the pages' own charts, from our own server, loaded when the first chart is seen. New points extend what
 * is drawn; a chart never jumps. One template serves every chart, in both themes.
 */
import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { palette } from './theme.ts'

export interface Plotly {
  react(element: HTMLElement, data: object[], layout: object, config: object): Promise<unknown>
  purge(element: HTMLElement): void
  Plots: { resize(element: HTMLElement): void }
}
declare global {
  interface Window {
    Plotly?: Plotly
  }
}
let loading: Promise<Plotly> | undefined
export function loadPlotly(): Promise<Plotly> {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script')
    script.src = '/vendor/plotly.min.js'
    script.onload = () => resolve(window.Plotly!)
    script.onerror = () => reject(new Error('The chart library did not load.'))
    document.head.append(script)
  })
  return loading
}

export function toLayout(dark: boolean): Record<string, unknown> {
  const ink = dark ? '#a3a9b5' : '#59606c'
  const grid = dark ? '#2a2d34' : '#e6e8ec'
  const axis = { gridcolor: grid, zerolinecolor: grid, linecolor: grid, automargin: true, ticks: '' }
  return {
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { family: 'system-ui, sans-serif', size: 12, color: ink },
    colorway: palette,
    margin: { l: 56, r: 16, t: 8, b: 36 },
    xaxis: axis,
    yaxis: axis,
    legend: { orientation: 'h', y: -0.16, x: 0 },
    hovermode: 'x unified',
    modebar: { bgcolor: 'rgba(0,0,0,0)', color: ink, activecolor: dark ? '#e4e6ea' : '#1d2129' },
    hoverlabel: {
      bgcolor: dark ? '#24272e' : '#ffffff',
      bordercolor: grid,
      font: { color: dark ? '#e4e6ea' : '#1d2129' },
    },
  }
}
export const chartConfig = {
  displaylogo: false,
  displayModeBar: 'hover',
  modeBarButtonsToRemove: ['lasso2d', 'select2d'],
}

export interface ChartProps {
  data: object[]
  layout?: Record<string, unknown>
  height: number
  label: string
  onPoint?: (point: { x: unknown; data: unknown }) => void
}
export function Chart({ data, layout, height, label, onPoint }: ChartProps) {
  const element = useRef<HTMLDivElement>(null)
  const dark = useComputedColorScheme('light') === 'dark'
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    let gone = false
    const base = toLayout(dark)
    const given = layout ?? {}
    const merged: Record<string, unknown> = { ...base, ...given }
    for (const [key, value] of Object.entries(given))
      if (/^[xy]axis/.test(key)) merged[key] = { ...(base[key.slice(0, 5)] as object), ...(value as object) }
    loadPlotly().then(
      (plotly) => {
        if (!gone && element.current)
          void plotly.react(element.current, data, { ...merged, height, uirevision: 'kept' }, chartConfig)
      },
      () => setFailed(true),
    )
    return () => {
      gone = true
    }
  }, [data, layout, height, dark])
  useEffect(() => {
    const target = element.current
    if (!target) return
    // A panel beside it, and not the window alone, changes its width.
    const observer = new ResizeObserver(() => {
      const isDrawn = target.classList.contains('js-plotly-plot') && target.clientWidth > 0
      if (isDrawn) window.Plotly?.Plots.resize(target)
    })
    observer.observe(target)
    return () => {
      observer.disconnect()
      window.Plotly?.purge(target)
    }
  }, [])
  useEffect(() => {
    const target = element.current as
      | (HTMLDivElement & { on?: (name: string, listener: unknown) => void })
      | null
    if (!onPoint || !target) return
    const click = (event: { points?: { x: unknown; customdata?: unknown }[] }) => {
      const point = event.points?.[0]
      if (point) onPoint({ x: point.x, data: point.customdata })
    }
    void loadPlotly().then(() => target.on?.('plotly_click', click))
  }, [onPoint])
  if (failed) return <p className="dim">The chart could not be drawn; the table has its figures.</p>
  return (
    <div
      ref={element}
      role="figure"
      aria-label={label}
      style={{ height, width: '100%', overflow: 'hidden' }}
    />
  )
}
