/**
 * The structure of the code, held by a test: which folder may import which, no cycles, a driver in its one folder, the
 * size of files, and no drawers.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '--', '*.ts', '*.tsx', '*.mjs', '*.css'],
  {
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter(
    (file) => file && existsSync(file) && !/^(public|examples)\/|\.d\.ts$|^test\/(input|output)\//.test(file),
  )
const sources = files.filter((file) => !/^(test|bench|scripts)\//.test(file) && /\.tsx?$/.test(file))

interface Import {
  from: string
  specifier: string
  /** The file, for a relative import. */
  to: string | undefined
  typeOnly: boolean
}
function findImports(file: string): Import[] {
  const text = readFileSync(file, 'utf8').replaceAll(/^\s*(\/\/|\*).*$/gm, '')
  const pattern =
    /(?:^|\n|;)\s*(import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/g
  return [...text.matchAll(pattern)].map((match) => {
    const specifier = (match[3] ?? match[4])!
    const to = specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : undefined
    return { from: file, specifier, to, typeOnly: match[2] !== undefined }
  })
}
const imports = sources.flatMap(findImports)
const inside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)
const isAny = (path: string, folders: string[]): boolean => folders.some((folder) => inside(path, folder))
const told = (list: Import[]): string[] => list.map((i) => `${i.from} imports ${i.specifier}`)

const isomorphic = ['runtime/api', 'runtime/notebook', 'runtime/json.ts']
/** Below the isomorphic parts; pages reach it through runtime/notebook. */
const language = 'runtime/javascript'

test('runtime imports neither the pages nor what holds it', () => {
  const wrong = imports.filter(
    (i) =>
      inside(i.from, 'runtime') &&
      ((i.to !== undefined && !inside(i.to, 'runtime')) ||
        /^(next|react|react-dom|hono|@hono\/.*|@mantine\/.*)(\/|$)/.test(i.specifier)),
  )
  expect(told(wrong)).toEqual([])
})
test('components and cli take nothing of the runtime but its isomorphic parts', () => {
  const wrong = imports.filter(
    (i) =>
      isAny(i.from, ['components', 'cli']) &&
      i.to !== undefined &&
      inside(i.to, 'runtime') &&
      !isAny(i.to, isomorphic),
  )
  expect(told(wrong)).toEqual([])
})
test('pages take components and the isomorphic parts; app/api takes the runtime', () => {
  const wrong = imports.filter((i) => {
    if (i.to === undefined || !inside(i.from, 'app')) return false
    if (inside(i.from, 'app/api')) return !isAny(i.to, ['app/api', 'runtime'])
    return isAny(i.to, ['workers', 'cli', 'app/api']) || (inside(i.to, 'runtime') && !isAny(i.to, isomorphic))
  })
  expect(told(wrong)).toEqual([])
})
test('components and cli import neither app nor workers', () => {
  const wrong = imports.filter(
    (i) => isAny(i.from, ['components', 'cli']) && i.to !== undefined && isAny(i.to, ['app', 'workers']),
  )
  expect(told(wrong)).toEqual([])
})
test('workers import app/api and runtime', () => {
  const wrong = imports.filter(
    (i) => inside(i.from, 'workers') && i.to !== undefined && !isAny(i.to, ['workers', 'app/api', 'runtime']),
  )
  expect(told(wrong)).toEqual([])
})
test('the isomorphic parts import neither Node nor the rest of the runtime', () => {
  const wrong = imports.filter(
    (i) =>
      isAny(i.from, isomorphic) &&
      (i.specifier.startsWith('node:') ||
        (i.to !== undefined && !isAny(i.to, [...isomorphic, language]) && i.to !== 'runtime/error.ts')),
  )
  expect(told(wrong)).toEqual([])
})
test('the language imports itself alone', () => {
  const wrong = imports.filter(
    (i) =>
      inside(i.from, language) && (i.specifier.startsWith('node:') || !inside(i.to ?? language, language)),
  )
  expect(told(wrong)).toEqual([])
})

const drivers: { [driver: string]: string } = {
  mongodb: 'runtime/store',
  'node:sqlite': 'runtime/store',
  amqplib: 'runtime/amqp',
  'isolated-vm': 'runtime/sandbox',
  '@duckdb/node-api': 'runtime/table',
}
test.each(Object.entries(drivers))('%s is imported in %s only', (driver, folder) => {
  const wrong = imports.filter(
    (i) => (i.specifier === driver || i.specifier.startsWith(`${driver}/`)) && !inside(i.from, folder),
  )
  expect(told(wrong)).toEqual([])
})
/** Who may reach across workspaces, through what open.ts gives them: to resolve tokens, or to claim due work. */
const systemUsers = [
  'runtime/access/access.ts',
  'runtime/action/actions.ts',
  'runtime/action/delivery.ts',
  'runtime/deployment/deployments.ts',
  'runtime/open.ts',
  'runtime/run/claim.ts',
  'runtime/run/runs.ts',
  'runtime/run/triggers.ts',
  'workers/ingest.ts',
]
test('store.system is used by those alone who resolve tokens or claim due work', () => {
  const users = sources.filter(
    (file) => !inside(file, 'runtime/store') && /\bSystemStore\b|\.system\b/.test(readFileSync(file, 'utf8')),
  )
  expect(users.filter((file) => !systemUsers.includes(file))).toEqual([])
})

test('no import cycle', () => {
  const graph = new Map<string, string[]>()
  for (const i of imports)
    if (i.to && sources.includes(i.to)) graph.set(i.from, [...(graph.get(i.from) ?? []), i.to])
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (done.has(file) || path.includes(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  expect(cycles).toEqual([])
})

test('the size budget: median at most 90 lines, p90 at most 250, none over 500', () => {
  const sizes = files.map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length - 1 }))
  expect(sizes.filter((s) => s.lines > 500)).toEqual([])
  const code = sizes
    .filter((s) => sources.includes(s.file))
    .map((s) => s.lines)
    .sort((a, b) => a - b)
  expect(code[Math.floor(code.length * 0.5)]).toBeLessThanOrEqual(90)
  expect(code[Math.floor(code.length * 0.9)]).toBeLessThanOrEqual(250)
})

test('no drawers', () => {
  const drawers = files.filter((file) => /(^|\/)(utils?|helpers?|common|misc|manager)(\.|\/)/.test(file))
  expect(drawers).toEqual([])
})

test('every TypeScript file of the engine has a lower-case name', () => {
  expect(sources.filter((file) => !/(^|\/)[a-z0-9[\]().-]+\.tsx?$/.test(file))).toEqual([])
})
