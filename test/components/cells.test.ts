import { describe, expect, test } from 'vitest'
import { nodeHeight, nodeWidth, toGraph } from '../../components/notebook/graph-layout.ts'
import { indent } from '../../components/notebook/indent.ts'
import { toCommand } from '../../components/notebook/keys.ts'
import { toRows } from '../../components/notebook/lines-beside.tsx'
import { toTitle } from '../../components/notebook/outline.tsx'
import { diffLines } from '../../runtime/notebook/diff.ts'
import { toProgram } from '../../runtime/notebook/program.ts'

describe('indent', () => {
  test('puts two spaces at the cursor, or before each selected line', () => {
    expect(indent('ab', 1, 1, false)).toEqual({ text: 'a  b', start: 3, end: 3 })
    expect(indent('a\nb\nc', 0, 3, false)).toEqual({ text: '  a\n  b\nc', start: 2, end: 7 })
  })
  test('back takes at most two spaces or a tab, and never leaves the line', () => {
    expect(indent('   a', 4, 4, true)).toEqual({ text: ' a', start: 2, end: 2 })
    expect(indent('x\n a\n\tb', 3, 7, true)).toEqual({ text: 'x\na\nb', start: 2, end: 5 })
    expect(indent('a', 1, 1, true)).toEqual({ text: 'a', start: 1, end: 1 })
  })
})

describe('toCommand', () => {
  const key = (name: string, more: Partial<KeyboardEvent> = {}) =>
    ({
      key: name,
      code: '',
      ctrlKey: false,
      metaKey: false,
      shiftKey: false,
      altKey: false,
      timeStamp: 1,
      ...more,
    }) as KeyboardEvent
  test('the keys of Jupyter outside the editor', () => {
    const keys = ['a', 'b', 'x', 'c', 'v', 'V', 'z', 'm', 'M', 'y', 'j', 'k', 'J', 'K', 'o', '?']
    expect(keys.map((name) => toCommand(key(name), false))).toEqual([
      'insert-above',
      'insert-below',
      'cut',
      'copy',
      'paste',
      'paste-above',
      'undo',
      'to-markdown',
      'merge',
      'to-typescript',
      'next',
      'previous',
      'extend-down',
      'extend-up',
      'fold',
      'keys',
    ])
  })
  test('inside the editor only what writes nothing', () => {
    expect(['a', 'd', 'J', 'ArrowDown'].map((name) => toCommand(key(name), true))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    const split = key('_', { code: 'Minus', ctrlKey: true, shiftKey: true })
    expect([toCommand(split, true), toCommand(split, false)]).toEqual(['split', undefined])
    expect(toCommand(key('F', { ctrlKey: true, shiftKey: true }), true)).toBe('find')
    expect(toCommand(key('Enter', { ctrlKey: true }), true)).toBe('run')
  })
  test('D twice within 800 ms deletes, D alone or with another key between does not', () => {
    const at = (name: string, timeStamp: number) => toCommand(key(name, { timeStamp }), false)
    expect([at('d', 1), at('d', 500)]).toEqual(['wait', 'delete'])
    expect([at('d', 1000), at('d', 1900), at('i', 1950), at('d', 2000)]).toEqual([
      'wait',
      'wait',
      'wait',
      'wait',
    ])
  })
  test('copy and paste of the browser are left to it', () => {
    expect(['c', 'x', 'v'].map((name) => toCommand(key(name, { ctrlKey: true }), false))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('toGraph', () => {
  const cell = (id: string, source: string) => ({ id, type: 'typescript' as const, source })
  test('puts a cell a row below what it uses, leaves out what stands alone', () => {
    const graph = toGraph(
      toProgram([cell('a', 'const x = 1'), cell('b', '1 + 1'), cell('c', 'const y = x'), cell('d', 'x + y')]),
    )
    expect(graph.nodes.map(({ id, number, names, x, y }) => ({ id, number, names, x, y }))).toEqual([
      { id: 'a', number: 1, names: ['x'], x: 0, y: 0 },
      { id: 'c', number: 3, names: ['y'], x: 0, y: nodeHeight + 34 },
      { id: 'd', number: 4, names: [], x: 0, y: 2 * (nodeHeight + 34) },
    ])
    expect(graph.edges.map(({ from, to, names }) => [from, to, names])).toEqual([
      ['a', 'c', ['x']],
      ['a', 'd', ['x']],
      ['c', 'd', ['y']],
    ])
    expect(graph.width).toBe(3 * nodeWidth + 24)
  })
  test('a use of something below does not go round for ever; rows hold three', () => {
    const users = Array.from({ length: 4 }, (_, i) => cell(`u${i}`, `x + ${i}`))
    const graph = toGraph(toProgram([cell('e', 'z'), cell('a', 'const x = 1, z = x'), ...users]))
    expect(graph.nodes.filter(({ id }) => id.startsWith('u')).map(({ y }) => y / (nodeHeight + 34))).toEqual([
      1, 1, 1, 2,
    ])
  })
  test('an empty program has an empty graph', () => {
    expect(toGraph(toProgram([]))).toEqual({ nodes: [], edges: [], width: 318, height: 0 })
  })
})

describe('toRows', () => {
  test('what was removed stands beside what came in its place', () => {
    const rows = toRows(diffLines('a\nb\nc\n', 'a\nB\nB2\nc\n'))
    expect(rows.map(({ before, after }) => [before?.text ?? null, after?.text ?? null])).toEqual([
      ['a', 'a'],
      ['b', 'B'],
      [null, 'B2'],
      ['c', 'c'],
    ])
  })
})

describe('toTitle', () => {
  test('is the first line that says something; a heading by its text', () => {
    expect([toTitle('\n## Data\nx'), toTitle('const x = 1'), toTitle(' ')]).toEqual([
      { text: 'Data', heading: 2 },
      { text: 'const x = 1', heading: 0 },
      { text: '(empty)', heading: 0 },
    ])
  })
})
