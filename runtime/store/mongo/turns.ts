/** Work under one name is done one at a time, in order. */
export type Turns = <T>(name: string, work: () => Promise<T>) => Promise<T>

export function openTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return async (name, work) => {
    const before = last.get(name)
    const turn = (before ?? Promise.resolve()).then(work, work)
    const settled = turn.then(
      () => undefined,
      () => undefined,
    )
    last.set(name, settled)
    void settled.then(() => {
      if (last.get(name) === settled) last.delete(name)
    })
    return turn
  }
}
