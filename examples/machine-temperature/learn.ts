// %% [markdown]
// # Learn what is normal
// One number per hour tells whether the machine runs hot or cold. This notebook looks at five weeks of history, learns
// the usual level of an hour, compares it with a baseline on held-out data, and saves it as a model.

// %%
const history = await sql`select timestamp, value from "machine temperature history" order by timestamp`
history

// %%
plot.line(
  history,
  { x: 'timestamp', y: 'value', title: 'Machine temperature' },
  { yaxis: { title: { text: 'temperature, °F' } } },
)

// %%
const hours = await sql`
  select date_trunc('hour', timestamp) as hour, avg(value) as mean, max(value) as highest, min(value) as lowest,
         coalesce(stddev_samp(value), 0) as spread
  from "machine temperature history" group by 1 having count(*) >= 6 order by 1`
const windows = (await objects.json('machine temperature labels')) as { start: string; end: string }[]
const at = hours.numbers('hour')
const abnormal = Array.from(at, (time) =>
  windows.some((w) => time >= Date.parse(w.start + 'Z') && time <= Date.parse(w.end + 'Z')) ? 1 : 0,
)
const { trainUntil, quantile } = parameters({
  trainUntil: { default: '2013-12-14', description: 'history before this is for training, the rest for evaluation (UTC)' },
  quantile: { default: 0.999, min: 0.5, max: 1, description: 'share of the training hours that stays below the threshold' },
})
const border = Date.parse(trainUntil + 'T00:00:00Z')
const training = [...at.keys()].filter((i) => at[i]! < border)
const heldOut = [...at.keys()].filter((i) => at[i]! >= border)
const normal = training.filter((i) => abnormal[i] === 0)
show({ hours: at.length, training: training.length, heldOut: heldOut.length, labelledInTraining: training.length - normal.length })

// %% [markdown]
// ## The model: how far is the hour's highest reading from the usual one?
// An hour in which even the highest reading is far away from the median of normal hours is no noise. The threshold is
// learned from the training hours.

// %%
const pick = (column: string, rows: number[]) => Float64Array.from(rows, (i) => hours.numbers(column)[i]!)
const level = learn.robustZ.fit(pick('highest', normal))
const score = (rows: number[]) => learn.robustZ.score(level, pick('highest', rows))
const threshold = learn.threshold.quantile(score(training), quantile)
show({ ...level, threshold })

// %% [markdown]
// ## The baseline: an isolation forest over four figures of the hour

// %%
const features = ['mean', 'highest', 'lowest', 'spread']
const matrix = (rows: number[]) => learn.matrix(rows.map((i) => features.map((name) => hours.numbers(name)[i]!)))
const forest = learn.isolationForest.fit(matrix(normal), { seed: 7 })
const forestScore = (rows: number[]) => learn.isolationForest.score(forest, matrix(rows))
const forestThreshold = learn.threshold.quantile(forestScore(training), quantile)

// %%
const truth = heldOut.map((i) => abnormal[i]!)
const evaluate = (scores: ArrayLike<number>, limit: number) => {
  const predicted = Array.from(scores, (s) => (s >= limit ? 1 : 0))
  return {
    precision: learn.metrics.precision(truth, predicted),
    recall: learn.metrics.recall(truth, predicted),
    f1: learn.metrics.f1(truth, predicted),
    rocAuc: learn.metrics.rocAuc(truth, Array.from(scores)),
    averagePrecision: learn.metrics.averagePrecision(truth, Array.from(scores)),
  }
}
const metrics = evaluate(score(heldOut), threshold)
const baseline = evaluate(forestScore(heldOut), forestThreshold)
show([{ model: 'robust level', ...metrics }, { model: 'isolation forest (baseline)', ...baseline }])

// %%
plot(
  [
    { type: 'scatter', mode: 'lines', name: 'score', x: heldOut.map((i) => new Date(at[i]!).toISOString()), y: Array.from(score(heldOut)) },
    { type: 'scatter', mode: 'lines', name: 'threshold', x: [heldOut[0]!, heldOut.at(-1)!].map((i) => new Date(at[i]!).toISOString()), y: [threshold, threshold] },
  ],
  { title: { text: 'Score on held-out data' }, yaxis: { title: { text: 'robust z' } } },
)

// %%
const saved = await models.save(
  'machine temperature',
  { ...level, threshold, feature: 'highest' },
  {
    kind: 'robust-z',
    metrics,
    baseline,
    alias: 'champion',
    signature: { features: [{ name: 'highest', type: 'number', unit: '°F' }], outputs: [{ name: 'score', type: 'number' }] },
  },
)
result({ model: saved.name, version: saved.version, threshold, metrics, baseline })
