/**
 * Windowed Gaussian tail detector, point by point (Lavin and Ahmad, Numenta Anomaly Benchmark, 2015): how unlikely a
 * value is under a normal distribution with mean and population standard deviation of the window before it. The
 * window grows to `size` values; then it moves by `step` values at a time. State is plain JSON: a handler may keep it.
 */
import { erfc } from './erfc.ts'
import { toVector, type Numbers } from './matrix.ts'
import { AppError } from '../error.ts'
import { checkInteger } from './option.ts'

export interface WindowedGaussian {
  kind: 'windowedGaussian'
  size: number
  step: number
  /** The values that mean and deviation stand for, oldest first. */
  window: number[]
  /** Values that wait for the next move of the full window. */
  waiting: number[]
  mean: number
  /** Sum of squared distances from the mean. */
  squares: number
}

export interface WindowedGaussianOptions {
  /** Default 6,400 values. */
  size?: number
  /** Default 100 values. */
  step?: number
}

export function create(options: WindowedGaussianOptions = {}): WindowedGaussian {
  const size = checkInteger(options.size ?? 6_400, 'size', 1, 1_000_000)
  const step = checkInteger(options.step ?? Math.min(100, size), 'step', 1, size)
  return { kind: 'windowedGaussian', size, step, window: [], waiting: [], mean: 0, squares: 0 }
}

/** The score of a value, in [0, 1]: 1 - Q, Q the tail beyond it on both sides, halved; 0 for the first. No learning. */
export function score(state: WindowedGaussian, value: number): number {
  if (state.window.length === 0) return 0
  const deviation = Math.sqrt(state.squares / state.window.length) || 1e-6
  return 1 - 0.5 * erfc(Math.abs(value - state.mean) / deviation / Math.SQRT2)
}

/** Scores a value, then learns it: changes the state. */
export function update(state: WindowedGaussian, value: number): number {
  if (!Number.isFinite(value))
    throw new AppError('invalid', `a value is ${value}; the detector takes finite numbers`)
  const result = score(state, value)
  if (state.window.length < state.size) {
    state.window.push(value)
    const distance = value - state.mean
    state.mean += distance / state.window.length
    state.squares += distance * (value - state.mean)
    return result
  }
  state.waiting.push(value)
  if (state.waiting.length >= state.step) {
    state.window = [...state.window.slice(state.waiting.length), ...state.waiting]
    state.waiting = []
    measure(state)
  }
  return result
}

/** The scores of a whole series, each from what came before it. */
export function scores(values: Numbers, options: WindowedGaussianOptions = {}): Float64Array {
  const state = create(options)
  return toVector(values, 'values').map((value) => update(state, value))
}

function measure(state: WindowedGaussian): void {
  let sum = 0
  for (const value of state.window) sum += value
  state.mean = sum / state.window.length
  state.squares = 0
  for (const value of state.window) state.squares += (value - state.mean) ** 2
}
