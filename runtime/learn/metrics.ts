/** How good decisions are: counts and ratios of two classes. A ratio whose denominator is 0 is 0, as in scikit-learn. */
import { AppError } from '../error.ts'
import { checkLengths, toLabels, type Labels } from './labels.ts'

export interface Confusion {
  tn: number
  fp: number
  fn: number
  tp: number
}

export interface Report extends Confusion {
  precision: number
  recall: number
  f1: number
  accuracy: number
}

export function confusion(truth: Labels, predicted: Labels): Confusion {
  checkLengths(truth, predicted, 'predictions')
  const expected = toLabels(truth, 'truth')
  const given = toLabels(predicted, 'predicted')
  const counts = [0, 0, 0, 0]
  for (let index = 0; index < expected.length; index++) counts[expected[index]! * 2 + given[index]!]!++
  const [tn = 0, fp = 0, fn = 0, tp = 0] = counts
  return { tn, fp, fn, tp }
}

/** Of what was flagged, the share that is anomalous. */
export function precision(truth: Labels, predicted: Labels): number {
  return precisionOf(confusion(truth, predicted))
}

/** Of what is anomalous, the share that was flagged. */
export function recall(truth: Labels, predicted: Labels): number {
  return recallOf(confusion(truth, predicted))
}

/** Weighted harmonic mean of precision and recall; recall counts beta times as much. */
export function fBeta(truth: Labels, predicted: Labels, beta = 1): number {
  if (!(beta > 0)) throw new AppError('invalid', `beta is ${beta}; it must be above 0`)
  return fBetaOf(confusion(truth, predicted), beta)
}

export function f1(truth: Labels, predicted: Labels): number {
  return fBeta(truth, predicted, 1)
}

export function accuracy(truth: Labels, predicted: Labels): number {
  return accuracyOf(confusion(truth, predicted))
}

/** All of them at once. */
export function report(truth: Labels, predicted: Labels): Report {
  const counts = confusion(truth, predicted)
  return {
    ...counts,
    precision: precisionOf(counts),
    recall: recallOf(counts),
    f1: fBetaOf(counts, 1),
    accuracy: accuracyOf(counts),
  }
}

function precisionOf({ tp, fp }: Confusion): number {
  return ratio(tp, tp + fp)
}
function recallOf({ tp, fn }: Confusion): number {
  return ratio(tp, tp + fn)
}
function fBetaOf({ tp, fp, fn }: Confusion, beta: number): number {
  const weight = beta * beta
  return ratio((1 + weight) * tp, (1 + weight) * tp + weight * fn + fp)
}
function accuracyOf({ tn, fp, fn, tp }: Confusion): number {
  return ratio(tn + tp, tn + fp + fn + tp)
}
function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
