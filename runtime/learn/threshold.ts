/** From which score on a row is flagged. Flagged is `score >= threshold`, everywhere. */
import { AppError } from '../error.ts'
import type { Labels } from './labels.ts'
import { toVector, type Numbers } from './matrix.ts'
import { quantile as quantileOf } from './quantile.ts'
import { toRanking } from './ranking.ts'

/** Without labels: the score that a share `q` of the given ones stays below; 0.99 flags about one in a hundred. */
export function quantile(scores: Numbers, q: number): number {
  return quantileOf(toVector(scores, 'scores'), q)
}

export interface BestF1 {
  threshold: number
  f1: number
  precision: number
  recall: number
}

/** With labels: the score with the highest F1; of equal ones the lowest. Needs an anomaly. */
export function bestF1(truth: Labels, scores: Numbers): BestF1 {
  const { steps, positives } = toRanking(truth, scores)
  if (positives === 0) throw new AppError('invalid', 'the best F1 needs at least one row of class 1')
  let best: BestF1 = { threshold: Number.POSITIVE_INFINITY, f1: -1, precision: 0, recall: 0 }
  for (const { threshold, tp, fp } of steps) {
    const f1 = (2 * tp) / (tp + fp + positives)
    if (f1 >= best.f1) best = { threshold, f1, precision: tp / (tp + fp), recall: tp / positives }
  }
  return best
}

/** 1 where the score reaches the threshold. */
export function apply(scores: Numbers, threshold: number): Uint8Array {
  if (Number.isNaN(threshold)) throw new AppError('invalid', 'the threshold is NaN')
  return Uint8Array.from(toVector(scores, 'scores'), (score) => (score >= threshold ? 1 : 0))
}
