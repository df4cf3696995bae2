import { expect, test } from 'vitest'
import { toDeclarations } from '../../components/editor/load.ts'

test('toDeclarations: the interface becomes a module and globals', () => {
  const text =
    "import type { Json } from '../json.ts'\nexport interface Suricate {\n  sql(text: string): Json\n  act: { alert(): void }\n}\n"
  const made = toDeclarations(text)
  expect(made).not.toContain('../json.ts')
  expect(made).toContain("declare module 'suricate' {")
  expect(made).toContain("export const sql: Suricate['sql']")
  expect(made).toContain("declare const act: import('suricate').Suricate['act']")
})
test('toDeclarations: declarations that are complete stay as they are', () => {
  const text = "declare module 'suricate' { export const x: number }"
  expect(toDeclarations(text)).toBe(text)
})
