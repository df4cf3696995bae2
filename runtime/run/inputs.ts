/**
 * The inputs that the cells of one kernel show, and what people chose. The guest is told before the next execution, so
 * that a slider which is dragged while a cell runs costs one message and the last value counts. What was chosen stands
 * in the outputs that pages read; it outlives a restart of the kernel, and of the server through those outputs.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Control, control as controlSchema, inputMime } from '../api/inputs.ts'
import type { Output } from '../api/runs.ts'
import { toMissing } from '../project/missing.ts'
import type { Json, JsonObject } from '../json.ts'
import { toInputText, toInputValue } from '../notebook/input.ts'

const most = 2000

interface Shown {
  cell: string | null
  /** Which execution showed it. */
  execution: string
  control: Control
}

export class KernelInputs {
  readonly #shown = new Map<string, Shown>()
  /** By id of the input, as the guest takes it. */
  readonly #chosen = new Map<string, { kind: string; label: string; value: Json }>()
  #unsent = new Set<string>()
  #unkept = new Set<string>()

  /** Of outputs that an earlier kernel left. */
  restore(outputs: readonly Output[]): void {
    for (const { cell, data } of outputs) {
      const control = toControl(data)
      if (!control) continue
      this.#add({ cell, execution: '', control })
      if (!isDeepStrictEqual(control.value, control.initial)) this.#choose(control)
    }
  }
  observe(cell: string | null, execution: string, data: JsonObject): void {
    const control = toControl(data)
    if (control) this.#add({ cell, execution, control })
  }
  #add(shown: Shown): void {
    if (this.#shown.size >= most && !this.#shown.has(shown.control.id)) return
    // It may have changed between the guest's making it and this.
    const chosen = this.#chosen.get(shown.control.id)
    const { kind, label } = shown.control
    if (chosen && this.#unsent.has(shown.control.id) && chosen.kind === kind && chosen.label === label)
      try {
        shown.control = withValue(shown.control, toInputValue(shown.control, chosen.value))
      } catch {
        // It takes that no longer.
      }
    this.#shown.set(shown.control.id, shown)
  }
  /** The execution has ended: what the cell showed before is gone. */
  settle(cell: string | null, execution: string): void {
    for (const [id, shown] of this.#shown)
      if (shown.cell === cell && shown.execution !== execution) this.#shown.delete(id)
  }
  get(id: string): Control {
    const shown = this.#shown.get(id)
    if (!shown) throw toMissing('input', id)
    return shown.control
  }
  /** invalid: names the input and what would be right. */
  set(id: string, given: Json): { cell: string | null; value: Json } {
    const control = this.get(id)
    const shown = this.#shown.get(id)!
    const value = toInputValue(control, given)
    shown.control = withValue(control, value)
    this.#choose(shown.control)
    this.#unkept.add(id)
    return { cell: shown.cell, value }
  }
  #choose({ id, kind, label, value }: Control): void {
    this.#chosen.delete(id)
    this.#chosen.set(id, { kind, label, value: value as Json })
    this.#unsent.add(id)
    const oldest = this.#chosen.keys().next().value
    if (this.#chosen.size > most && oldest !== undefined) this.#chosen.delete(oldest)
  }
  /** Each with its value now. */
  get values(): { id: string; value: Json }[] {
    return [...this.#shown.values()].map(({ control: { id, value } }) => ({ id, value: value as Json }))
  }
  /** Outputs as they are now. */
  apply(outputs: readonly Output[]): Output[] {
    return outputs.map((output) => {
      const given = output.data[inputMime] as { id?: unknown } | undefined
      const shown = typeof given?.id === 'string' ? this.#shown.get(given.id) : undefined
      return shown && shown.cell === output.cell ? { ...output, data: toData(shown.control) } : output
    })
  }
  /** Another guest knows nothing. */
  forgetSent(): void {
    this.#unsent = new Set(this.#chosen.keys())
  }
  /** What the guest does not know; undefined when it knows all. */
  takeUnsent(): JsonObject | undefined {
    if (this.#unsent.size === 0) return undefined
    const values: JsonObject = {}
    for (const id of this.#unsent) {
      const chosen = this.#chosen.get(id)
      if (chosen) values[id] = { ...chosen }
    }
    this.#unsent = new Set()
    return values
  }
  /** Cells whose outputs in the store are behind. */
  takeUnkept(): Set<string | null> {
    const cells = new Set([...this.#unkept].flatMap((id) => this.#shown.get(id)?.cell ?? []))
    this.#unkept = new Set()
    return cells
  }
  keepLater(cell: string | null): void {
    for (const [id, shown] of this.#shown) if (shown.cell === cell) this.#unkept.add(id)
  }
}

/** What came out of a sandbox: a control by its schema, or none. */
function toControl(data: JsonObject): Control | undefined {
  if (!(inputMime in data)) return undefined
  const parsed = controlSchema.safeParse(data[inputMime])
  return parsed.success ? parsed.data : undefined
}
function withValue(control: Control, value: Json): Control {
  return { ...control, value } as Control
}
function toData(control: Control): JsonObject {
  return { [inputMime]: control as unknown as Json, 'text/plain': toInputText(control) }
}
