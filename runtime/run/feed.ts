/**
 * The live events of a kernel in the order they happened, the newest few thousand. A reader has a place of its own; one
 * that fell behind what is kept starts again from a snapshot, which it asks its source for.
 */
import type { RunEvent } from './run-events.ts'

const maxEvents = 5000
const maxBytes = 32 * 1024 * 1024
const soonMs = 4

export class Feed {
  #events: { event: RunEvent; bytes: number }[] = []
  #first = 0
  #bytes = 0
  readonly #waiting = new Set<() => void>()
  #isWaking = false
  #soon: NodeJS.Timeout | undefined

  get end(): number {
    return this.#first + this.#events.length
  }
  /** `soon`: it may wait some milliseconds for what comes after it. */
  push(event: RunEvent, soon = false): void {
    const bytes = JSON.stringify(event.data).length
    this.#events.push({ event, bytes })
    this.#bytes += bytes
    while (this.#events.length > 1 && (this.#events.length > maxEvents || this.#bytes > maxBytes)) {
      this.#bytes -= this.#events.shift()!.bytes
      this.#first += 1
    }
    // After what is being done, which is what people wait for; readers take what came meanwhile together.
    if (this.#isWaking || this.#waiting.size === 0) return
    if (soon) {
      this.#soon ??= setTimeout(() => this.#wake(), soonMs)
      return
    }
    this.#isWaking = true
    setImmediate(() => this.#wake())
  }
  #wake(): void {
    clearTimeout(this.#soon)
    this.#soon = undefined
    this.#isWaking = false
    for (const wake of this.#waiting) wake()
  }
  /** undefined: the place is no longer kept. */
  from(place: number): RunEvent[] | undefined {
    if (place < this.#first) return undefined
    return this.#events.slice(place - this.#first).map(({ event }) => event)
  }
  /** Until there is something after the place. */
  async next(place: number, signal: AbortSignal): Promise<void> {
    if (place < this.end || signal.aborted) return
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        // A reader waits thousands of times under one signal.
        signal.removeEventListener('abort', wake)
        this.#waiting.delete(wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', wake)
    })
  }
}
