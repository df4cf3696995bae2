/* oxlint-disable typescript/unbound-method -- methods are captured unbound on purpose, for uncurry() */
/**
 * Which objects are proxies: nothing in the language tells, and to look at one runs its traps. So the realm's `Proxy`
 * is one that remembers what it made; it behaves as the built-in one otherwise.
 */
import { $TypeError, defineProperty, uncurry } from './primordials.ts'

const $Proxy = Proxy
const revocable = $Proxy.revocable
const add = uncurry(WeakSet.prototype.add)
const has = uncurry(WeakSet.prototype.has)
const made = new WeakSet()

export function isProxy(value: object): boolean {
  return has(made, value)
}

export function installProxy(): void {
  const KnownProxy = function (this: unknown, target: object, handler: ProxyHandler<object>): object {
    if (!new.target) throw new $TypeError("Constructor Proxy requires 'new'")
    const proxy = new $Proxy(target, handler)
    add(made, proxy)
    return proxy
  }
  const known = {
    revocable(target: object, handler: ProxyHandler<object>): { proxy: object; revoke: () => void } {
      const pair = revocable(target, handler)
      add(made, pair.proxy)
      return pair
    },
  }
  defineProperty(KnownProxy, 'name', { value: 'Proxy', configurable: true })
  defineProperty(KnownProxy, 'prototype', { value: undefined, writable: false })
  defineProperty(KnownProxy, 'revocable', { value: known.revocable, writable: true, configurable: true })
  defineProperty(globalThis, 'Proxy', { value: KnownProxy, writable: true, configurable: true })
}
