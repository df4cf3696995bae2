/**
 * Errors of a bpftrace script, found before it runs: probes and their forms, braces, texts, names, and statements that
 * nothing parts. It is no compiler: what only the kernel knows (functions, tracepoints, fields, types) is taken as
 * right, and so is a name in capitals, which may be a constant of the kernel. Pure.
 */
import { checkBody } from './body.ts'
import { toTokens, type Fault, type Token } from './token.ts'
import { aggregations, findNear, probeForms, units } from './words.ts'

export type { Fault } from './token.ts'
const maxFaults = 50

/** In their order; none: it may run. */
export function checkScript(script: string): Fault[] {
  const { tokens, faults } = toTokens(script)
  const found = [...faults]
  const fail = (start: number, end: number, message: string): void => void found.push({ start, end, message })
  if (tokens.length === 0 && faults.length === 0)
    fail(0, Math.max(1, script.length), 'The script is empty. Begin with a probe, such as interval:s:1 { … }')
  let at = 0
  let probes = 0
  while (at < tokens.length) {
    const first = tokens[at]!
    const open = findOpen(tokens, at)
    if (isPreamble(first)) {
      at = skipPreamble(tokens, at, open, fail)
      continue
    }
    if (first.text === '}') {
      fail(first.start, first.end, 'This } closes nothing.')
      at++
      continue
    }
    if (open < 0) {
      const last = tokens.at(-1)!
      fail(first.start, last.end, 'A probe needs what it does between braces: { … }')
      break
    }
    probes++
    if (first.text === '{') fail(first.start, first.end, 'A probe is missing before {, such as interval:s:1')
    else checkHead(script, tokens.slice(at, open), fail)
    const close = findClose(tokens, open)
    if (close < 0) fail(tokens[open]!.start, tokens[open]!.end, 'This { has no }.')
    checkBody(tokens.slice(open + 1, close < 0 ? undefined : close), script, fail)
    at = close < 0 ? tokens.length : close + 1
  }
  if (tokens.length > 0 && probes === 0 && found.length === 0)
    fail(0, script.length, 'There is no probe, such as interval:s:1 { … }')
  return found.toSorted((a, b) => a.start - b.start).slice(0, maxFaults)
}

type Fail = (start: number, end: number, message: string) => void
const isPreamble = ({ text }: Token): boolean =>
  ['struct', 'union', 'enum', 'config', 'macro', 'fn', 'import', 'let', 'typedef'].includes(text)

/** Definitions: up to their brace and behind it, or up to their semicolon. */
function skipPreamble(tokens: readonly Token[], at: number, open: number, fail: Fail): number {
  const semicolon = tokens.findIndex(({ text }, index) => index >= at && text === ';')
  if (semicolon >= 0 && (open < 0 || semicolon < open)) return semicolon + 1
  if (open < 0) {
    fail(tokens[at]!.start, tokens[at]!.end, `Behind ${tokens[at]!.text} a { or a ; is missing.`)
    return tokens.length
  }
  const close = findClose(tokens, open)
  if (close < 0) fail(tokens[open]!.start, tokens[open]!.end, 'This { has no }.')
  const next = close < 0 ? tokens.length : close + 1
  return tokens[next]?.text === ';' ? next + 1 : next
}

function findOpen(tokens: readonly Token[], from: number): number {
  return tokens.findIndex(({ text }, index) => index >= from && text === '{')
}
function findClose(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at]!.text === '{') depth++
    else if (tokens[at]!.text === '}' && --depth === 0) return at
  }
  return -1
}

/** `probe, probe /filter/`, up to the brace. A path of a probe has slashes too: a filter comes behind a blank. */
function checkHead(script: string, tokens: readonly Token[], fail: Fail): void {
  const start = tokens[0]!.start
  const end = tokens.at(-1)!.end
  const text = script.slice(start, end)
  const filter = /(?:^|\s)\/(?=[\s(!$@\w"'-])[^]*$/.exec(text)
  const isClosed = filter && /[^/]\/\s*$/.test(filter[0].slice(1))
  if (filter && !isClosed)
    return fail(start + filter.index + filter[0].indexOf('/'), end, 'This filter has no end: / is missing.')
  const probesEnd = filter && isClosed ? start + filter.index : end
  if (filter && isClosed) {
    const from = start + filter.index + filter[0].indexOf('/') + 1
    const to = start + text.lastIndexOf('/')
    const inside = tokens.filter((token) => token.start >= from && token.end <= to)
    if (inside.length === 0) fail(from - 1, to + 1, 'This filter is empty.')
    checkBody(inside, script, fail)
  }
  let at = start
  for (const one of script
    .slice(start, probesEnd)
    .replaceAll(/\/\/.*|\/\*[^]*?\*\//g, (gone) => ' '.repeat(gone.length))
    .split(',')) {
    checkProbe(one, at, fail)
    at += one.length + 1
  }
}

function checkProbe(text: string, offset: number, fail: Fail): void {
  const trimmed = text.trim()
  const start = offset + text.length - text.trimStart().length
  const end = start + Math.max(1, trimmed.length)
  if (trimmed === '') return fail(start, end, 'A probe is missing here.')
  const [type = '', ...parts] = trimmed.split(/:(?!:)/)
  const form = probeForms.get(type)
  if (!form) {
    // Several probe types at once, as in `*retprobe:…`.
    if (/[*?]/.test(type)) return
    const near = findNear(type, probeForms.keys())
    const hint = near
      ? ` Is ${near} meant?`
      : ' Known are kprobe, tracepoint, uprobe, profile, interval and others.'
    return fail(start, start + Math.max(1, type.length), `There is no probe type "${type}".${hint}`)
  }
  const [least, most] = form.parts
  const isFree = ['uprobe', 'u', 'uretprobe', 'ur', 'usdt', 'U'].includes(type) // names of C++ have colons
  if (parts.length < least || (parts.length > most && !isFree) || parts.some((part) => part === ''))
    return fail(start, end, `A ${type} probe is written as ${form.like}`)
  if (/\s/.test(trimmed))
    return fail(start, end, 'A comma is missing between probes, or a / before a filter.')
  if (['interval', 'i', 'profile', 'p'].includes(type)) checkPeriod(parts, start, end, form.like, fail)
}
function checkPeriod(parts: readonly string[], start: number, end: number, like: string, fail: Fail): void {
  const [first = '', second] = parts
  if (second === undefined) {
    if (!/^\d+(ns|us|ms|s|hz)?$|^\$/.test(first)) fail(start, end, `This is written as ${like}`)
    return
  }
  if (!units.has(first)) fail(start, end, `"${first}" is no unit; the units are ${[...units].join(', ')}.`)
  else if (!/^(0x[\da-f]+|[1-9]\d*|\$\d+)$/i.test(second))
    fail(start, end, `"${second}" is no whole number above 0.`)
}

/** Maps that the script fills, by whether all that fills one are aggregations; and whether it prints by itself. */
export function findMaps(script: string): {
  maps: Map<string, boolean>
  prints: boolean
  cleared: Set<string>
} {
  const { tokens } = toTokens(script)
  const maps = new Map<string, boolean>()
  const cleared = new Set<string>()
  let prints = false
  tokens.forEach((token, index) => {
    const next = tokens[index + 1]
    if (token.kind === 'word' && next?.text === '(') {
      if (token.text === 'print' || token.text === 'printf') prints ||= token.text === 'print'
      if (token.text === 'clear' || token.text === 'zero') cleared.add(tokens[index + 2]?.text ?? '')
    }
    if (token.kind !== 'map') return
    let at = index + 1
    if (tokens[at]?.text === '[') {
      let depth = 0
      do {
        if (tokens[at]?.text === '[') depth++
        else if (tokens[at]?.text === ']') depth--
        at++
      } while (depth > 0 && at < tokens.length)
    }
    const operator = tokens[at]?.text ?? ''
    if (!/^(=|[-+*/%&|^]=|<<=|>>=|\+\+|--)$/.test(operator)) return
    const aggregates = operator === '=' && aggregations.has(tokens[at + 1]?.text ?? '')
    maps.set(token.text, aggregates && (maps.get(token.text) ?? true))
  })
  return { maps, prints, cleared }
}
