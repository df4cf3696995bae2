/** The messages that the fault rounds send, each known by its number, and the notebook that works on them. */
export interface Fact {
  i: number
  key: string
  at: number
  v: number
}
export const workspace = 'w1'
export const keys = 10
export const windowMs = 5000
export const boundMs = 20_000
const start = Date.UTC(2026, 0, 1)
const everyMs = 10

export const toFact = (i: number): Fact => ({
  i,
  key: `k${(i * 7) % keys}`,
  at: start + i * everyMs,
  v: (i * 31) % 97,
})
export const toId = (i: number): string => `m${i}`
/** A message so late that every window before it closes. */
export const toLast = (i: number): Fact => ({ ...toFact(i), at: toFact(i).at + 2 * (boundMs + windowMs) })

/** What is done for a window of a key; the same in the notebook and in the recomputation. */
export const isActedOn = (count: number, sum: number): boolean => (count + sum) % 5 === 0

export const notebook = `
const { url } = parameters({ url: '' })
await streams.on(
  'facts',
  { window: { type: 'tumbling', size: ${windowMs} }, by: 'key', outOfOrder: ${boundMs}, lateness: 0, watermark: { type: 'bounded' }, lateAlarm: null },
  async ({ key, window, messages }, state) => {
    let sum = 0
    let numbers = 0
    for (const { body } of messages) {
      sum += body.v
      numbers += body.i
    }
    state.windows = (state.windows ?? 0) + 1
    state.count = (state.count ?? 0) + messages.length
    state.sum = (state.sum ?? 0) + sum
    if ((messages.length + sum) % 5 === 0)
      await act.webhook(url, { key, start: window.start, sum, total: state.sum }, { key: key + ' ' + window.start })
    return { count: messages.length, sum, numbers, windows: state.windows, total: state.sum }
  },
)
`
