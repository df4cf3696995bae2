/**
 * The declarations of a library as one file that the build makes (declarations.build.ts): its .d.ts files by path, and
 * the path that a specifier means. Relative specifiers are found among the files; a library names those it needs.
 */
export interface Library {
  /** Specifier -> path of its file. */
  entries: { [specifier: string]: string }
  files: { [path: string]: string }
}
/** Which text of a notebook asks for which library. `needs` are loaded with it. */
export interface LibraryUse {
  mention: RegExp
  needs: string[]
  /** Global declarations over the library's entry. */
  globals: string
}

export const libraryUses: { [name: string]: LibraryUse } = {
  learn: {
    mention: /\blearn\b/,
    needs: [],
    globals:
      "declare module 'suricate' { interface Toolkit { learn: typeof import('suricate/learn').learn } }",
  },
  plotly: {
    mention: /\bplot\s*\(/,
    needs: [],
    globals:
      "declare module 'suricate' { interface Toolkit { plotly: { traces: import('plotly.js').Data; layout: Partial<import('plotly.js').Layout> } } }",
  },
  tfjs: {
    mention: /\btf\b/,
    needs: [],
    globals: "declare module 'suricate' { interface Toolkit { tf: typeof import('@tensorflow/tfjs') } }",
  },
  danfojs: {
    mention: /\bdfd\b/,
    needs: ['tfjs', 'plotly'],
    globals: "declare module 'suricate' { interface Toolkit { dfd: typeof import('danfojs') } }",
  },
  arquero: { mention: /['"]arquero['"]/, needs: [], globals: '' },
  'simple-statistics': { mention: /['"]simple-statistics['"]/, needs: [], globals: '' },
  'lodash-es': { mention: /['"]lodash-es(?:\/\w+)?['"]/, needs: [], globals: '' },
  'date-fns': { mention: /['"]date-fns(?:\/\w+)?['"]/, needs: [], globals: '' },
}

/** What a notebook's text asks for and is not there yet. */
export function findLibraries(text: string, loaded: ReadonlySet<string>): string[] {
  const wanted = new Set<string>()
  for (const [name, { mention, needs }] of Object.entries(libraryUses))
    if (mention.test(text)) for (const each of [name, ...needs]) wanted.add(each)
  return [...wanted].filter((name) => !loaded.has(name))
}

const endings = ['', '.d.ts', '.d.mts', '/index.d.ts', '/index.d.mts']

/** The file that a specifier means in a file; undefined when no library that is loaded has it. */
export function resolveIn(
  libraries: Iterable<Library>,
  has: (path: string) => boolean,
  specifier: string,
  containing: string,
): string | undefined {
  if (!specifier.startsWith('.')) {
    for (const { entries } of libraries) if (entries[specifier] !== undefined) return entries[specifier]
    return undefined
  }
  const folder = containing.split('/').slice(0, -1)
  for (const step of specifier.split('/'))
    if (step === '..') folder.pop()
    else if (step !== '.' && step !== '') folder.push(step)
  const path = folder.join('/')
  const bare = path.replace(/\.(?:d\.)?[mc]?[jt]s$/, '')
  return [path, bare].flatMap((start) => endings.map((ending) => start + ending)).find(has)
}
