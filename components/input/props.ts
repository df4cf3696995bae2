import type { Control } from '../../runtime/api/inputs.ts'
import type { Json } from '../../runtime/json.ts'

/** What each kind of input is given. */
export interface InputProps<C extends Control> {
  control: C
  disabled: boolean
  onChange: (value: Json) => void
}
export function toDescription({ description }: Control): { description?: string } {
  return description === undefined ? {} : { description }
}
