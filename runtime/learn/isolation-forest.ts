/**
 * Isolation forest (Liu, Ting and Zhou, ICDM 2008): anomalies are separated from the rest by few random cuts. Each
 * tree cuts a sample of rows drawn without replacement, a random column that is not constant at a random value, to a
 * depth of ceil(log2(sample)). The score of a row is 2^(-E[path] / c(sample)) in (0, 1]: about 0.5 is ordinary,
 * towards 1 anomalous (scikit-learn's score_samples with the sign turned). All trees lie in five flat lists, children
 * after their parents and side by side, so that a model is plain JSON; scoring copies them to typed arrays once.
 */
import { checkColumns, toMatrix, type Matrix, type MatrixLike } from './matrix.ts'
import { checkInteger } from './option.ts'
import { openRandom, type Random } from './random.ts'

export interface IsolationForest {
  kind: 'isolationForest'
  columns: number
  /** Rows in each tree. */
  sample: number
  /** The first node of each tree. */
  roots: number[]
  /** Column that a node cuts; -1 at a leaf. */
  column: number[]
  /** Rows with `value <= cut` go left, to node `child`, the others to `child + 1`. At a leaf: its path length. */
  cut: number[]
  child: number[]
}

export interface IsolationForestOptions {
  /** Default 100. */
  trees?: number
  /** Rows for each tree; default 256, at most all. */
  sample?: number
  seed?: number
}

/** Trees of random cuts over samples of the rows; rows that few cuts isolate are anomalies. */
export function fit(X: MatrixLike, options: IsolationForestOptions = {}): IsolationForest {
  const matrix = toMatrix(X)
  const trees = checkInteger(options.trees ?? 100, 'trees', 1, 10_000)
  const sample = Math.min(checkInteger(options.sample ?? 256, 'sample', 1), matrix.rows)
  const random = openRandom(checkInteger(options.seed ?? 0, 'seed', 0, 0xffffffff))
  const model: IsolationForest = {
    kind: 'isolationForest',
    columns: matrix.columns,
    sample,
    roots: [],
    column: [],
    cut: [],
    child: [],
  }
  const order = Int32Array.from({ length: matrix.rows }, (_, index) => index)
  for (let tree = 0; tree < trees; tree++) grow(model, matrix, draw(order, sample, random), random)
  return model
}

/** The first `sample` places of a shuffle; the order of earlier trees does no harm. */
function draw(order: Int32Array, sample: number, random: Random): Int32Array {
  for (let index = 0; index < sample; index++) {
    const other = index + random.integer(order.length - index)
    const kept = order[index]!
    order[index] = order[other]!
    order[other] = kept
  }
  return order.slice(0, sample)
}

function grow(model: IsolationForest, matrix: Matrix, rows: Int32Array, random: Random): void {
  const limit = Math.ceil(Math.log2(Math.max(rows.length, 2)))
  const root = addNode(model)
  model.roots.push(root)
  /** Node, first row, end row, depth. */
  const open: [number, number, number, number][] = [[root, 0, rows.length, 0]]
  const columns = Int32Array.from({ length: matrix.columns }, (_, index) => index)
  for (let next = open.pop(); next; next = open.pop()) {
    const [node, from, to, depth] = next
    const cut = depth < limit && to - from > 1 ? findCut(matrix, rows, from, to, columns, random) : null
    if (!cut) {
      model.cut[node] = depth + averagePath(to - from)
      continue
    }
    const middle = partition(matrix, rows, from, to, cut)
    const left = addNode(model)
    addNode(model)
    model.column[node] = cut.column
    model.cut[node] = cut.value
    model.child[node] = left
    open.push([left, from, middle, depth + 1], [left + 1, middle, to, depth + 1])
  }
}

function addNode(model: IsolationForest): number {
  model.child.push(0)
  model.cut.push(0)
  return model.column.push(-1) - 1
}

interface Cut {
  column: number
  value: number
}

/** Columns in random order until one is not constant; null when all are. */
function findCut(
  { data, columns }: Matrix,
  rows: Int32Array,
  from: number,
  to: number,
  order: Int32Array,
  random: Random,
): Cut | null {
  for (let tried = 0; tried < columns; tried++) {
    const other = tried + random.integer(columns - tried)
    const column = order[other]!
    order[other] = order[tried]!
    order[tried] = column
    let min = Number.POSITIVE_INFINITY
    let max = Number.NEGATIVE_INFINITY
    for (let index = from; index < to; index++) {
      const value = data[rows[index]! * columns + column]!
      if (value < min) min = value
      if (value > max) max = value
    }
    if (max <= min) continue
    const value = min + random.uniform() * (max - min)
    return { column, value: value < max ? value : min }
  }
  return null
}

function partition({ data, columns }: Matrix, rows: Int32Array, from: number, to: number, cut: Cut): number {
  let left = from
  let right = to
  while (left < right) {
    const row = rows[left]!
    if (data[row * columns + cut.column]! <= cut.value) left++
    else {
      rows[left] = rows[--right]!
      rows[right] = row
    }
  }
  return left
}

/** Average path to a leaf of a random binary search tree of n rows: c(n) of the paper. */
function averagePath(n: number): number {
  if (n <= 1) return 0
  if (n === 2) return 1
  return 2 * (Math.log(n - 1) + 0.577_215_664_901_532_9) - (2 * (n - 1)) / n
}

interface Packed {
  column: Int32Array
  cut: Float64Array
  child: Int32Array
}

const packed = new WeakMap<IsolationForest, Packed>()

function pack(model: IsolationForest): Packed {
  const known = packed.get(model)
  if (known) return known
  const { column, cut, child } = model
  const lists = {
    column: Int32Array.from(column),
    cut: Float64Array.from(cut),
    child: Int32Array.from(child),
  }
  packed.set(model, lists)
  return lists
}

/** A score for each row, in (0, 1], higher is more anomalous. */
export function score(model: IsolationForest, X: MatrixLike): Float64Array {
  const matrix = toMatrix(X)
  checkColumns(matrix, model.columns)
  const { data, rows, columns } = matrix
  const { column, cut, child } = pack(model)
  const paths = new Float64Array(rows)
  // Tree by tree, so that a tree's nodes stay in the cache.
  for (const root of model.roots)
    for (let row = 0; row < rows; row++) {
      const start = row * columns
      let node = root
      for (let at = column[node]!; at >= 0; at = column[node]!)
        node = data[start + at]! <= cut[node]! ? child[node]! : child[node]! + 1
      paths[row]! += cut[node]!
    }
  const unit = averagePath(model.sample) * model.roots.length
  return paths.map((path) => (unit === 0 ? 1 : 2 ** (-path / unit)))
}
