/** Labels of two classes: 1 or true is an anomaly (the positive class), 0 or false is not. */
import { AppError } from '../error.ts'

export type Labels = ArrayLike<number> | ArrayLike<boolean>

export function toLabels(labels: Labels, name: string): Uint8Array {
  if (labels.length === 0) throw new AppError('invalid', `${name} is empty`)
  const result = new Uint8Array(labels.length)
  for (let index = 0; index < labels.length; index++) {
    const label = Number(labels[index])
    if (label !== 0 && label !== 1)
      throw new AppError('invalid', `${name}[${index}] is ${String(labels[index])}; a label is 0 or 1`)
    result[index] = label
  }
  return result
}

export function checkLengths(truth: ArrayLike<unknown>, other: ArrayLike<unknown>, name: string): void {
  if (truth.length !== other.length)
    throw new AppError('invalid', `there are ${truth.length} labels but ${other.length} ${name}`)
}
