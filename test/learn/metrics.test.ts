import { describe, expect, test } from 'vitest'
import { learn } from '../../runtime/learn/learn.ts'
import { expectClose, readReference } from './reference.ts'

interface Binary {
  y: number[]
  score: number[]
  threshold: number
  confusion_tn_fp_fn_tp: [number, number, number, number]
  accuracy: number
  precision: number
  recall: number
  f1: number
  f2: number
  roc_auc: number
  average_precision: number
  best_f1: number
  best_f1_threshold: number
}
const { binary } = readReference<{ binary: Binary }>('metrics')
const predicted = learn.threshold.apply(binary.score, binary.threshold)
const { metrics, threshold } = learn

describe('learn.metrics', () => {
  test('gives the values of scikit-learn', () => {
    const [tn, fp, fn, tp] = binary.confusion_tn_fp_fn_tp
    expect(metrics.confusion(binary.y, predicted)).toEqual({ tn, fp, fn, tp })
    expectClose(
      [
        metrics.accuracy(binary.y, predicted),
        metrics.precision(binary.y, predicted),
        metrics.recall(binary.y, predicted),
        metrics.f1(binary.y, predicted),
        metrics.fBeta(binary.y, predicted, 2),
        metrics.rocAuc(binary.y, binary.score),
        metrics.averagePrecision(binary.y, binary.score),
      ],
      [
        binary.accuracy,
        binary.precision,
        binary.recall,
        binary.f1,
        binary.f2,
        binary.roc_auc,
        binary.average_precision,
      ],
    )
  })
  test('report gives all of them', () => {
    expect(metrics.report([1, 1, 0, 0], [true, false, true, false])).toEqual({
      tn: 1,
      fp: 1,
      fn: 1,
      tp: 1,
      precision: 0.5,
      recall: 0.5,
      f1: 0.5,
      accuracy: 0.5,
    })
  })
  test('a ratio of nothing is 0', () => {
    expect(metrics.precision([0, 1], [0, 0])).toBe(0)
    expect(metrics.recall([0, 0], [0, 1])).toBe(0)
    expect(metrics.f1([0, 0], [0, 0])).toBe(0)
  })
  test('equal scores count half', () => {
    expect(metrics.rocAuc([0, 1, 0, 1], [1, 1, 1, 1])).toBe(0.5)
    expect(metrics.averagePrecision([0, 1, 0, 1], [1, 1, 1, 1])).toBe(0.5)
    expect(metrics.rocAuc([false, true], [0, 1])).toBe(1)
  })
  test.each([
    [() => metrics.confusion([0, 1], [1]), 'there are 2 labels but 1 predictions'],
    [() => metrics.confusion([], []), 'truth is empty'],
    [() => metrics.confusion([2], [0]), 'truth[0] is 2; a label is 0 or 1'],
    [() => metrics.fBeta([1], [1], 0), 'beta is 0; it must be above 0'],
    [
      () => metrics.rocAuc([1, 1], [1, 2]),
      'the ROC-AUC needs rows of both classes; truth holds one class alone',
    ],
    [() => metrics.rocAuc([1, 0], [1, Number.NaN]), 'scores[1] is NaN; fill or drop what is missing first'],
    [() => metrics.averagePrecision([0], [1]), 'the average precision needs at least one row of class 1'],
  ])('refuses %s', (call, message) => {
    expect(call).toThrow(expect.objectContaining({ code: 'invalid', message }))
  })
})

describe('learn.threshold', () => {
  test('bestF1 gives the threshold of scikit-learn', () => {
    const best = threshold.bestF1(binary.y, binary.score)
    expectClose([best.threshold, best.f1], [binary.best_f1_threshold, binary.best_f1])
    const flagged = threshold.apply(binary.score, best.threshold)
    expect(best).toEqual({
      threshold: best.threshold,
      f1: metrics.f1(binary.y, flagged),
      precision: metrics.precision(binary.y, flagged),
      recall: metrics.recall(binary.y, flagged),
    })
  })
  test('bestF1 needs an anomaly', () => {
    expect(() => threshold.bestF1([0, 0], [1, 2])).toThrow('the best F1 needs at least one row of class 1')
  })
  test('quantile and apply', () => {
    expect(threshold.quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
    expect([...threshold.apply([1, 2, 3], 2)]).toEqual([0, 1, 1])
    expect(() => threshold.quantile([1], 1.5)).toThrow('q is 1.5; it must be a number from 0 to 1')
    expect(() => threshold.apply([1], Number.NaN)).toThrow('the threshold is NaN')
  })
})
