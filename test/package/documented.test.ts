import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ownModules, toolkitModules } from '../../runtime/guest/module-names.ts'

test('docs/notebooks.md lists what can be imported, at the versions of package.json', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    dependencies: { [name: string]: string }
  }
  const listed = [
    ...readFileSync('docs/notebooks.md', 'utf8').matchAll(
      /^\| (\S+) \| ([\d.]+) \| `import .* from '(.*)'` \|/gm,
    ),
  ].map(([, name, version, specifier]) => [name, version, specifier])
  const names = [...Object.keys(toolkitModules), ...ownModules]
  expect(listed).toEqual(names.map((name) => [name, dependencies[name], name]))
})
