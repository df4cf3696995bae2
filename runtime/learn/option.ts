/** Checks of the options that algorithms take. */
import { AppError } from '../error.ts'

export function checkInteger(
  value: number,
  name: string,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): number {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new AppError('invalid', `${name} is ${value}; it must be a whole number from ${min} to ${max}`)
  return value
}

export function checkFraction(value: number, name: string): number {
  if (!(value >= 0 && value <= 1))
    throw new AppError('invalid', `${name} is ${value}; it must be a number from 0 to 1`)
  return value
}
