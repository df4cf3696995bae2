/** Builds what cannot run as it is: the guest bundle with its snapshot, and the pages. */
import { pathToFileURL } from 'node:url'
import { install, main, node, run } from './install.mjs'
import { hashOf, whenChanged } from './stamp.mjs'

export function buildGuest() {
  run(node, ['runtime/guest/build/build.ts'])
}

export function buildPages() {
  // Before the pages' own hash, which covers all of public.
  const assets = [
    'components/assets.ts',
    'components/editor/language',
    'components/editor/monaco.ts',
    'components/editor/types.build.ts',
    'runtime/javascript',
    'runtime/learn',
    'runtime/notebook',
    'package-lock.json',
  ]
  whenChanged('public/vendor/.stamp', hashOf(assets), () => run(node, ['components/assets.ts']))
  const sources = [
    'app',
    'components',
    'runtime/api',
    'runtime/notebook',
    'public',
    'next.config.mjs',
    'package-lock.json',
  ]
  whenChanged('.next/suricate-build', hashOf(sources), () => {
    console.log('Building the pages …')
    run(node, ['node_modules/next/dist/bin/next', 'build'])
  })
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  main(() => {
    install()
    buildGuest()
    buildPages()
  })
