/**
 * `import` in a notebook. A module is asked for by a host call; its script comes back as a function of this realm,
 * is called once, and what it exports becomes a namespace as the language has it: no prototype, frozen, the same
 * object for every import. One that failed is asked for again by the next import. A script of a package runs as the
 * notebook's own code does, and is given what packages expect of every platform and the isolate lacks: text coding.
 */
import type { Mailbox } from './mailbox.ts'
import { importCall, ownModules, toolkitModules } from './module-names.ts'
import {
  $Error,
  $Promise,
  apply,
  charCodeAt,
  construct,
  create,
  defineProperty,
  dictionary,
  freeze,
  getOwnPropertyDescriptor,
  hasOwn,
  indexOf,
  isArray,
  ownKeys,
  stringify,
  whenSettled,
} from './primordials.ts'
import { TextDecoder, TextEncoder } from './text-coding.ts'

export interface Modules {
  import(this: void, specifier: unknown): Promise<unknown>
  /** A module's script has arrived, or `fault` says why it could not be one. */
  load(id: number, specifier: string, make: Make | undefined, fault: string | undefined): void
  /** What `import 'suricate'` gives. */
  bind(own: object): void
  /** The toolkit is there: its globals, before a cell may have changed them. */
  toolkit(): void
}
type Make = (...given: unknown[]) => object

export function createModules(
  mailbox: Pick<Mailbox, 'call' | 'deliver'>,
  isOpen: () => boolean,
  inspect: (value: unknown) => string,
): Modules {
  const namespaces = dictionary<object>()
  const importing = dictionary<Promise<unknown>>()
  const toolkit = dictionary<object>()

  function ask(specifier: string, error: Error): Promise<unknown> {
    const answer = mailbox.call(importCall, [specifier])
    return construct($Promise, [
      (resolve: (value: unknown) => void, reject: (error: unknown) => void) =>
        whenSettled(
          answer,
          (given) => {
            delete importing[specifier]
            if (hasOwn(namespaces, specifier)) return resolve(namespaces[specifier])
            const { value } = given as { value: { names?: unknown } | null }
            return reject(tell(error, toMissing(specifier, value?.names)))
          },
          (reason) => {
            delete importing[specifier]
            const code = getOwnPropertyDescriptor(reason as object, 'code')?.value as unknown
            reject(code === 'not-found' ? tell(error, toMissing(specifier, undefined)) : reason)
          },
        ),
    ]) as Promise<unknown>
  }

  return {
    import(specifier) {
      // Made here, so that its stack has the importing line.
      const error = new $Error()
      if (typeof specifier === 'string' && !hasOwn(namespaces, specifier)) {
        if (hasOwn(importing, specifier)) return importing[specifier] as Promise<unknown>
        const asked = ask(specifier, error)
        // After the cell's end nothing is answered.
        if (isOpen()) importing[specifier] = asked
        return asked
      }
      return construct($Promise, [
        (resolve: (value: unknown) => void, reject: (error: unknown) => void) =>
          typeof specifier === 'string'
            ? resolve(namespaces[specifier])
            : reject(tell(error, `A module is imported by its name, not by ${inspect(specifier)}.`)),
      ]) as Promise<unknown>
    },
    load(id, specifier, make, fault) {
      try {
        if (fault !== undefined) throw new $Error(fault)
        if (!hasOwn(namespaces, specifier)) {
          const all = make ? apply(make, undefined, [TextEncoder, TextDecoder]) : toolkit[specifier]
          if (all === undefined) throw new $Error('it exports nothing')
          namespaces[specifier] = toNamespace(all as object)
        }
      } catch (reason) {
        const message = `The package ${stringify(specifier)} does not run in a notebook: ${describe(reason, inspect)}`
        return mailbox.deliver(id, false, stringify({ __proto__: null, code: 'unsupported', message }), [])
      }
      return mailbox.deliver(id, true, 'null', [])
    },
    bind(own) {
      namespaces['suricate'] = own
    },
    toolkit() {
      const names = ownKeys(toolkitModules) as string[]
      for (let i = 0; i < names.length; i++) {
        const specifier = names[i] as string
        const value = getOwnPropertyDescriptor(globalThis, toolkitModules[specifier] as string)
          ?.value as object
        if (value !== undefined && !hasOwn(toolkit, specifier)) toolkit[specifier] = value
      }
    },
  }
}

function toNamespace(all: object): object {
  const namespace = create(null) as object
  const names = ownKeys(all)
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string
    if (typeof name !== 'string' || name === '__esModule') continue
    defineProperty(namespace, name, { value: (all as { [name: string]: unknown })[name], enumerable: true })
  }
  defineProperty(namespace, Symbol.toStringTag, { value: 'Module' })
  return freeze(namespace)
}

const listed = `suricate, danfojs, @tensorflow/tfjs, ${ownModules.join(', ')}`

function toMissing(specifier: string, names: unknown): string {
  let known = listed
  let isKnown = false
  if (isArray(names))
    for (let i = 0; i < names.length; i++) {
      known = `${known}, ${names[i] as string}`
      if (isBelow(specifier, names[i] as string)) isKnown = true
    }
  for (let i = 0; i < ownModules.length; i++) if (isBelow(specifier, ownModules[i] as string)) isKnown = true
  const why =
    indexOf(specifier, ':') >= 0 || charCodeAt(specifier, 0) === 46 || charCodeAt(specifier, 0) === 47
      ? 'Modules are imported by name here, not files, addresses or parts of Node'
      : isKnown
        ? `The module ${stringify(specifier)} is a part of a package; import the package itself`
        : `The module ${stringify(specifier)} is not available here`
  return `${why}. This notebook can import ${known}. An owner adds another package of npm to the project, under Packages on its page.`
}

function isBelow(specifier: string, name: string): boolean {
  return indexOf(specifier, `${name}/`) === 0
}

function describe(reason: unknown, inspect: (value: unknown) => string): string {
  try {
    return reason instanceof $Error ? `${reason.name}: ${reason.message}` : inspect(reason)
  } catch {
    return 'it threw while it was loaded'
  }
}

function tell(error: Error, message: string): Error {
  defineProperty(error, 'message', { value: message, writable: true, configurable: true })
  return error
}
