/**
 * The page's side of the language worker: sends what changed of the cells before each question, and hands out answers
 * and faults. The worker starts with the first notebook and stays for the next one.
 */
import type { Fault, FromWorker, Language, Method, ProgramCell, ToWorker } from './language/protocol.ts'

export interface LanguageClient {
  /** Cells that are those of the last call by identity are not sent again. */
  setCells(cells: readonly ProgramCell[]): void
  setDeclarations(name: 'sdk' | 'workspace', text: string): void
  /** Looks for faults, in these cells first. */
  check(first: string[]): void
  ask<M extends Method>(method: M, ...given: Parameters<Language[M]>): Promise<ReturnType<Language[M]>>
  /** Where faults go; the last one given has them. */
  onFaults(listener: (cell: string, faults: Fault[]) => void): void
  onChecked(listener: (ms: number) => void): void
}

export function createLanguageClient(worker: Pick<Worker, 'postMessage' | 'onmessage'>): LanguageClient {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  let sent: readonly ProgramCell[] = []
  let last = 0
  let version = 0
  let faults: (cell: string, faults: Fault[]) => void = () => {}
  let checked: (ms: number) => void = () => {}
  const post = (message: ToWorker): void => worker.postMessage(message)
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    switch (data.type) {
      case 'answer':
        waiting.get(data.id)?.resolve(data.value as never)
        return void waiting.delete(data.id)
      case 'failed':
        waiting.get(data.id)?.reject(new Error(data.message))
        return void waiting.delete(data.id)
      case 'faults':
        return faults(data.cell, data.faults)
      case 'checked':
        return checked(data.ms)
    }
  }
  return {
    setCells(cells) {
      if (cells === sent) return
      const before = new Set(sent)
      const changed = cells
        .filter((cell) => !before.has(cell))
        .map(({ id, type, source }) => ({ id, type, source }))
      const same = cells.length === sent.length && cells.every((cell, i) => cell.id === sent[i]!.id)
      sent = cells
      if (changed.length > 0 || !same) post({ type: 'cells', order: cells.map((cell) => cell.id), changed })
    },
    setDeclarations: (name, text) => post({ type: 'declarations', name, text }),
    check: (first) => post({ type: 'check', version: ++version, first }),
    ask(method, ...given) {
      const id = ++last
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        post({ type: 'ask', id, method, given })
      })
    },
    onFaults(listener) {
      faults = listener
    },
    onChecked(listener) {
      checked = listener
    },
  }
}
