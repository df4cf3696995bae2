/**
 * How well scores rank anomalies above the rest, at every threshold. All go through one list of steps: the distinct
 * scores from the highest down, with the true and false positives at or above each. Equal scores are one step.
 */
import { AppError } from '../error.ts'
import { checkLengths, toLabels, type Labels } from './labels.ts'
import { toVector, type Numbers } from './matrix.ts'

export interface Step {
  /** Flagged is what scores at least this. */
  threshold: number
  tp: number
  fp: number
}

export interface Ranking {
  /** Highest threshold first. */
  steps: Step[]
  positives: number
  negatives: number
}

export function toRanking(truth: Labels, scores: Numbers): Ranking {
  checkLengths(truth, scores, 'scores')
  const labels = toLabels(truth, 'truth')
  const values = toVector(scores, 'scores')
  const order = Uint32Array.from(values, (_, index) => index).sort((a, b) => values[b]! - values[a]!)
  const steps: Step[] = []
  let tp = 0
  let fp = 0
  order.forEach((row, place) => {
    if (labels[row] === 1) tp++
    else fp++
    const next = order[place + 1]
    if (next === undefined || values[next] !== values[row]) steps.push({ threshold: values[row]!, tp, fp })
  })
  return { steps, positives: tp, negatives: fp }
}

/** The chance that an anomaly scores above a normal row, ties counting half. Needs both classes. */
export function rocAuc(truth: Labels, scores: Numbers): number {
  const { steps, positives, negatives } = toRanking(truth, scores)
  if (positives === 0 || negatives === 0)
    throw new AppError('invalid', 'the ROC-AUC needs rows of both classes; truth holds one class alone')
  let area = 0
  let before: { tp: number; fp: number } = { tp: 0, fp: 0 }
  for (const step of steps) {
    area += ((step.fp - before.fp) * (step.tp + before.tp)) / 2
    before = step
  }
  return area / (positives * negatives)
}

/** Precision at each step, weighted by the gain of recall, without interpolation. Needs an anomaly. */
export function averagePrecision(truth: Labels, scores: Numbers): number {
  const { steps, positives } = toRanking(truth, scores)
  if (positives === 0)
    throw new AppError('invalid', 'the average precision needs at least one row of class 1')
  let sum = 0
  let before = 0
  for (const { tp, fp } of steps) {
    sum += ((tp - before) * tp) / (tp + fp)
    before = tp
  }
  return sum / positives
}
