'use client'
/**
 * The one sandboxed frame of a page for HTML, SVG and figures. It lies over the whole list of cells and is clipped to
 * the places of rich outputs, so that everything else stays clickable; each output has its place in the page, tells
 * its height and is drawn by the frame there. A frame for each output would load Plotly once for each.
 */
import { useComputedColorScheme } from '@mantine/core'
import { createContext, useCallback, useContext, useEffect, useRef, useState, type ReactNode } from 'react'

export type RichKind = 'html' | 'svg' | 'plotly'
export interface RichValue {
  kind: RichKind
  value: unknown
  height: number
}
interface Place extends RichValue {
  element: HTMLElement
  onHeight: (height: number) => void
}
interface StageApi {
  put(id: string, place: Place): void
  remove(id: string): void
  /** A figure as the frame draws it, unchecked. */
  picture(id: string, format: 'png' | 'svg'): Promise<unknown>
}
export const StageContext = createContext<StageApi | null>(null)
const maxHeight = 4000
const pictureMs = 20_000

/** `likely`: figures will come, so that the frame and Plotly are loaded while the page is. */
export function OutputStage({ children, likely = false }: { children: ReactNode; likely?: boolean }) {
  const root = useRef<HTMLDivElement>(null)
  const dark = useComputedColorScheme('light') === 'dark'
  const [some, setSome] = useState(false)
  const [stage] = useState(() => new Stage(root, setSome))
  const setFrame = useCallback((frame: HTMLIFrameElement | null) => stage.setFrame(frame), [stage])
  useEffect(() => stage.open(), [stage])
  useEffect(() => stage.expect(likely), [stage, likely])
  useEffect(() => stage.setDark(dark), [stage, dark])
  return (
    <StageContext.Provider value={stage}>
      <div ref={root} className="stage">
        {children}
        {(some || likely) && (
          <iframe
            ref={setFrame}
            className="stage-frame"
            src="/output-frame.html"
            sandbox="allow-scripts"
            title="Figures and HTML of the outputs"
          />
        )}
      </div>
    </StageContext.Provider>
  )
}

/** The place of a rich output within the page. */
export function RichOutput({ id, kind, value, height, label }: RichValue & { id: string; label: string }) {
  const stage = useContext(StageContext)
  const element = useRef<HTMLDivElement>(null)
  const [tall, setTall] = useState(height)
  useEffect(() => {
    if (stage && element.current)
      stage.put(id, { element: element.current, kind, value, height, onHeight: setTall })
  }, [stage, id, kind, value, height])
  useEffect(() => () => stage?.remove(id), [stage, id])
  return (
    <div
      ref={element}
      className="rich"
      role="img"
      aria-label={label}
      data-output={id}
      style={{ height: tall }}
    />
  )
}

class Stage implements StageApi {
  readonly #root: { current: HTMLDivElement | null }
  readonly #some: (some: boolean) => void
  readonly #places = new Map<string, Place>()
  readonly #pictures = new Map<number, (value: unknown) => void>()
  #asked = 0
  #frame: HTMLIFrameElement | null = null
  #ready = false
  #dark = false
  #last = ''
  #likely = false
  #observer: ResizeObserver | undefined
  constructor(root: { current: HTMLDivElement | null }, some: (some: boolean) => void) {
    this.#root = root
    this.#some = some
  }
  /** Called as the element comes and goes, which is not each time that the last output does. */
  setFrame(frame: HTMLIFrameElement | null): void {
    this.#frame = frame
    this.#ready = false
    this.#last = ''
  }
  open(): () => void {
    const hear = (event: MessageEvent) => {
      if (event.source === this.#frame?.contentWindow && event.source) this.#hear(event.data)
    }
    window.addEventListener('message', hear)
    this.#observer = new ResizeObserver(() => this.#measure())
    if (this.#root.current) this.#observer.observe(this.#root.current)
    for (const place of this.#places.values()) this.#observer.observe(place.element)
    // Cells that change places without changing the height of the whole.
    const timer = setInterval(() => this.#measure(), 400)
    return () => {
      window.removeEventListener('message', hear)
      clearInterval(timer)
      this.#observer?.disconnect()
    }
  }
  /** Figures. */
  expect(likely: boolean): void {
    this.#likely = likely
    if (likely) this.#send({ type: 'figures' })
  }
  setDark(dark: boolean): void {
    this.#dark = dark
    this.#send({ type: 'theme', dark })
  }
  put(id: string, place: Place): void {
    this.#places.set(id, place)
    this.#some(true)
    this.#observer?.observe(place.element)
    this.#draw(id, place)
    this.#measure()
  }
  remove(id: string): void {
    const place = this.#places.get(id)
    if (place) this.#observer?.unobserve(place.element)
    this.#places.delete(id)
    this.#send({ type: 'remove', id })
    if (this.#places.size === 0) this.#some(false)
    else this.#measure()
  }
  picture(id: string, format: 'png' | 'svg'): Promise<unknown> {
    const request = ++this.#asked
    return new Promise((resolve) => {
      const timer = setTimeout(() => done(undefined), pictureMs)
      const done = (value: unknown) => {
        clearTimeout(timer)
        this.#pictures.delete(request)
        resolve(value)
      }
      this.#pictures.set(request, done)
      this.#send({ type: 'picture', id, format, request })
    })
  }
  #hear(data: unknown): void {
    const message = data as {
      type?: unknown
      id?: unknown
      height?: unknown
      request?: unknown
      value?: unknown
    } | null
    if (message?.type === 'picture' && typeof message.request === 'number')
      this.#pictures.get(message.request)?.(message.value)
    if (message?.type === 'ready') {
      this.#ready = true
      this.#last = ''
      this.expect(this.#likely)
      this.#send({ type: 'theme', dark: this.#dark })
      for (const [id, place] of this.#places) this.#draw(id, place)
      this.#measure()
    }
    if (message?.type === 'height' && typeof message.id === 'string' && typeof message.height === 'number') {
      const height = Math.round(message.height)
      if (height > 0) this.#places.get(message.id)?.onHeight(Math.min(maxHeight, height))
    }
  }
  #draw(id: string, { kind, value, height }: Place): void {
    this.#send({ type: 'output', id, kind, value, height })
  }
  #measure(): void {
    const root = this.#root.current?.getBoundingClientRect()
    const frame = this.#frame
    if (!root || !frame || !this.#ready) return
    const slots = [...this.#places].map(([id, place]) => {
      const box = place.element.getBoundingClientRect()
      return {
        id,
        x: Math.round(box.left - root.left),
        y: Math.round(box.top - root.top),
        width: Math.round(box.width),
        height: Math.round(box.height),
      }
    })
    const text = JSON.stringify(slots)
    if (text === this.#last) return
    this.#last = text
    const rectangles = slots.map(
      (slot) => `M${slot.x} ${slot.y}h${slot.width}v${slot.height}h${-slot.width}Z`,
    )
    // a path without anything would clip nothing
    frame.style.clipPath = `path('${rectangles.join('') || 'M0 0Z'}')`
    this.#send({ type: 'slots', slots })
  }
  #send(message: object): void {
    if (this.#ready || (message as { type: string }).type === 'theme')
      this.#frame?.contentWindow?.postMessage(message, '*')
  }
}
