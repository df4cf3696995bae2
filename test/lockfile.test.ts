import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Lock {
  packages: { [path: string]: { version?: string; resolved?: string; integrity?: string; link?: boolean } }
}
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock

test('every package comes from the public npm registry, by its integrity', () => {
  const wrong = Object.entries(lock.packages)
    .filter(([path]) => path !== '')
    .filter(
      ([, p]) =>
        (p.resolved !== undefined && !p.resolved.startsWith('https://registry.npmjs.org/')) || !p.integrity,
    )
    .map(([path]) => path)
  expect(wrong).toEqual([])
})

test('dependencies are pinned', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
    [kind: string]: { [name: string]: string }
  }
  const ranges = ['dependencies', 'devDependencies', 'optionalDependencies']
    .flatMap((kind) => Object.entries(manifest[kind] ?? {}))
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
  expect(ranges).toEqual([])
})
