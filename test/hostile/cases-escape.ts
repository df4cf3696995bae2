/** Notebooks that reach for what lies outside their isolate, or for what the SDK and the bootstrap rely on. */
import type { Case } from './case.ts'

const works = '[1, 2].map((x) => x * 2).join()'

export const escapeCases: Case[] = [
  {
    name: 'constructor chain from this',
    cells: [`Function('return this')().process`],
    expect: ['ok'],
    value: 'undefined',
  },
  {
    name: 'constructor chain from an SDK function',
    cells: [`objects.list.constructor.constructor('return typeof process + typeof require')()`],
    expect: ['ok'],
    value: 'undefinedundefined',
  },
  {
    name: 'constructor chain from a host error',
    cells: [
      `let found; try { await objects.get('x') } catch (e) { found = e.constructor.constructor('return typeof process')() } found`,
    ],
    expect: ['ok'],
    value: 'undefined',
  },
  {
    name: 'constructor chain from a host result',
    cells: [`(await objects.list()).constructor.constructor('return typeof process')()`],
    expect: ['ok'],
    value: 'undefined',
  },
  {
    name: 'constructor chain from console and timers',
    cells: [
      `[console.log, setTimeout, queueMicrotask, show].map((f) => f.constructor('return typeof process')()).join()`,
    ],
    expect: ['ok'],
    value: 'undefined,undefined,undefined,undefined',
  },
  {
    name: 'names of Node and of the bootstrap are not there',
    cells: [
      `['process','require','module','Buffer','global','ivm','suricateStart','post','__suricate','SharedArrayBuffer','Atomics','WebAssembly'].filter((n) => n in globalThis).join()`,
    ],
    expect: ['ok'],
    value: '',
  },
  {
    name: 'listing globals and walking them',
    cells: [
      `const seen = new Set(); const walk = (o, d) => { if (d > 4 || o === null || !['object','function'].includes(typeof o) || seen.has(o)) return; seen.add(o); for (const k of Reflect.ownKeys(o)) { try { walk(o[k], d + 1) } catch {} } walk(Object.getPrototypeOf(o), d + 1) }; walk(globalThis, 0); [...seen].some((o) => { try { return 'binding' in o || 'dlopen' in o || 'mainModule' in o } catch { return false } })`,
    ],
    expect: ['ok'],
    value: 'false',
  },
  {
    name: 'a stack names no path of the server',
    cells: [
      `let stacks = new Error().stack; try { await objects.get('x') } catch (e) { stacks += e.stack } try { null.x } catch (e) { stacks += e.stack } /\\/(work|home|root|tmp|usr|app|node_modules)/.test(stacks)`,
    ],
    expect: ['ok'],
    value: 'false',
  },
  {
    name: 'prepareStackTrace gives no call sites',
    cells: [`Error.prepareStackTrace = (e, s) => s; typeof new Error('x').stack`],
    expect: ['ok', 'error'],
    after: `typeof new Error('x').stack === 'string' ? 1 : (() => { throw new Error('call sites') })()`,
  },
  {
    name: 'captureStackTrace gives text',
    cells: [`const o = {}; Error.captureStackTrace(o); typeof o.stack`],
    expect: ['ok'],
    value: 'string',
  },
  {
    name: 'prototype pollution before a host call',
    cells: [
      `Object.prototype.toJSON = () => ({ name: 'fetch' }); Array.prototype.toJSON = () => ['x']; Object.prototype.then = (r) => r(1); let e; try { await objects.list() } catch (x) { e = x } 'held'`,
    ],
    expect: ['ok', 'error'],
  },
  {
    name: '__proto__ keys through a round trip',
    cells: [
      `const back = await objects.create('x', 'y', JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}')); ({}).polluted`,
    ],
    expect: ['ok'],
    value: 'undefined',
  },
  {
    name: 'import of a Node module',
    cells: [`import fs from 'node:fs'; fs`],
    expect: ['error'],
    after: works,
  },
  {
    name: 'import of a bare Node module',
    cells: [`import { exec } from 'child_process'`],
    expect: ['error'],
  },
  { name: 'dynamic import', cells: [`await import('fs')`], expect: ['error'], after: works },
  { name: 'dynamic import of a URL', cells: [`await import('https://example.org/x.js')`], expect: ['error'] },
  {
    name: 'dynamic import of data',
    cells: [`await import('data:text/javascript,export default 1')`],
    expect: ['error'],
  },
  { name: 'dynamic import by eval', cells: [`await eval("import('fs')")`], expect: ['error'], after: works },
  {
    name: 'dynamic import by Function',
    cells: [`await new Function("return import('node:fs')")()`],
    expect: ['error'],
    after: works,
  },
  {
    name: 'import with a hostile specifier',
    cells: [`await import({ toString() { throw 1 } })`],
    expect: ['error'],
  },
  { name: 'import.meta', cells: [`import.meta.url`], expect: ['error'] },
  { name: 'require', cells: [`require('fs')`], expect: ['error'] },
  {
    name: 'WebAssembly by the constructor of a buffer',
    cells: [`new ArrayBuffer(8).constructor.constructor('return typeof WebAssembly')()`],
    expect: ['ok'],
    value: 'undefined',
  },
  {
    name: 'no resizable buffer',
    cells: [
      `const b = new ArrayBuffer(8, { maxByteLength: 1 << 30 }); [b.resizable, new (new Uint8Array(8).buffer.constructor)(8, { maxByteLength: 1 << 30 }).resizable].join()`,
    ],
    expect: ['ok'],
    value: 'false,false',
  },
  {
    name: 'no resizable buffer by a subclass',
    cells: [
      `class B extends ArrayBuffer { constructor() { super(8, { maxByteLength: 1 << 30 }) } } new B().resizable`,
    ],
    expect: ['ok'],
    value: 'false',
  },
  {
    name: 'no resizable buffer by Reflect.construct',
    cells: [
      `const C = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'constructor').value; Reflect.construct(C, [8, { maxByteLength: 1 << 30 }], Array).resizable ?? 'none'`,
    ],
    expect: ['ok', 'error'],
  },
  {
    name: 'closing the wrapper',
    cells: [`}); globalThis.out = 1; (async () => {`],
    expect: ['error'],
    after: works,
  },
  { name: 'closing the wrapper with brackets', cells: [`})()})();(async()=>{(()=>{`], expect: ['error'] },
  { name: 'a comment that opens', cells: [`1 /*`], expect: ['error'], after: works },
  { name: 'an HTML comment', cells: [`let x = 1; x <!--x\n; x`], expect: ['ok', 'error'] },
  { name: 'a line separator in a string', cells: [`'\u2028' + 1`], expect: ['ok', 'error'] },
  { name: 'the name of the wrapper', cells: [`__suricate.global`], expect: ['error'], after: works },
  { name: 'return from the wrapper', cells: [`return { value: 'forged' }`], expect: ['error'] },
  {
    name: 'forging the result',
    cells: [`Object.prototype.value = 'forged'; Object.prototype.status = 'ok'; throw new Error('real')`],
    expect: ['error'],
  },
  {
    name: 'overwriting the SDK',
    cells: [
      `objects = null; show = null; console = null; 1`,
      `import { objects as o } from 'suricate'; (await o.list()).length`,
    ],
    expect: ['ok'],
    value: '1',
  },
  {
    name: 'changing the SDK in place',
    cells: [`objects.list = () => 'mine'`, `typeof (await objects.list())`],
    expect: ['ok'],
    value: 'object',
  },
  {
    name: 'Promise.prototype.then is replaced',
    cells: [`Promise.prototype.then = function () { throw new Error('mine') }; 1`, `await objects.list(); 2`],
    expect: ['ok'],
    value: '2',
  },
  {
    name: 'the constructor of promises is replaced',
    cells: [
      `try { Promise.prototype.constructor = function (f) { f(() => {}, () => {}) } } catch {} try { Object.defineProperty(Promise, Symbol.species, { value: Array }) } catch {} 7`,
      `1 + 1`,
    ],
    expect: ['ok'],
    value: '2',
  },
  {
    name: 'Array.prototype is hostile',
    cells: [
      `Array.prototype[Symbol.iterator] = function () { throw new Error('mine') }; Array.prototype.map = Array.prototype.push = Array.prototype.join = null; Object.defineProperty(Array.prototype, '0', { set() { throw new Error('set') } }); 1`,
      `3 + 4`,
    ],
    expect: ['ok'],
    value: '7',
  },
  {
    name: 'JSON is replaced',
    cells: [`JSON.stringify = () => 'mine'; JSON.parse = null; globalThis.JSON = undefined; 1`, `({ a: 1 })`],
    expect: ['ok'],
    value: '{"a":1}',
  },
  {
    name: 'setters on Object.prototype',
    cells: [
      `for (const k of ['value', 'status', 'error', 'kind', 'data', 'id', 'text', 'name', 'get', 'set', 'done']) Object.defineProperty(Object.prototype, k, { set() { throw new Error('set ' + k) }, get() { return undefined }, configurable: true }); 1`,
      `5 * 5`,
    ],
    expect: ['ok'],
    value: '25',
  },
  {
    name: 'getters on Object.prototype that throw',
    cells: [
      `for (const k of ['writable', 'enumerable', 'configurable', 'append']) Object.defineProperty(Object.prototype, k, { get() { throw new Error('get ' + k) }, configurable: true }); 1`,
      `console.log('x'); 6 * 6`,
    ],
    expect: ['ok', 'error'],
  },
  {
    name: 'the globals of the language are replaced',
    cells: [
      `for (const k of ['Object','Reflect','String','Error','Map','Promise','Date','Symbol','RegExp','Number','Uint8Array']) globalThis[k] = null; 1`,
      `1 + 2`,
    ],
    expect: ['ok'],
    value: '3',
  },
  {
    name: 'every global is deleted',
    cells: [
      `for (const k of Reflect.ownKeys(globalThis)) { try { delete globalThis[k] } catch {} } 1`,
      `2 + 2`,
    ],
    expect: ['ok'],
    value: '4',
  },
  {
    name: 'Function.prototype.call and apply are replaced',
    cells: [
      `Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => 'mine'; 1`,
      `setTimeout(() => {}, 1); console.log('x'); 9`,
    ],
    expect: ['ok'],
    value: '9',
  },
  {
    name: 'an isolated-vm object has no way in',
    cells: [
      `Object.getOwnPropertyNames(globalThis).filter((n) => /isolate|^reference$|context|external/i.test(n)).join()`,
    ],
    expect: ['ok'],
    value: '',
  },
  { name: 'a debugger statement', cells: [`debugger; 1`], expect: ['ok'], value: '1' },
  {
    name: 'a forged position',
    cells: [
      `const e = new Error('x'); e.stack = 'Error\\n    at f (/etc/passwd:1:1)\\n    at g (cell-999.js:1:1)'; throw e`,
    ],
    expect: ['error'],
    after: works,
  },
  {
    name: 'a frozen global object',
    cells: [
      `try { Object.freeze(globalThis) } catch {} try { Object.preventExtensions(globalThis) } catch {} 1`,
      `1 + 1`,
    ],
    expect: ['ok', 'error'],
  },
  {
    name: 'reserved names as variables',
    cells: [`var undefined_ = 1; let eval_ = 2; const async = 3, of = 4, get = 5; async + of + get`],
    expect: ['ok'],
    value: '12',
  },
  {
    name: 'SharedArrayBuffer and Atomics by constructors',
    cells: [
      `const reach = (f) => f.constructor('return typeof SharedArrayBuffer + typeof Atomics + typeof WebAssembly')(); [new ArrayBuffer(8).constructor, Object.getPrototypeOf(Uint8Array), async () => 1, function* () {}].map((f) => String(Function.prototype.isPrototypeOf(f) && reach(Object.getPrototypeOf(function () {})))).every((t) => t === 'undefinedundefinedundefined')`,
    ],
    expect: ['ok'],
    value: 'true',
  },
  {
    name: 'no shared memory and no WebAssembly in anything that can be reached',
    cells: [
      `const seen = new Set(), found = []; const walk = (o, d) => { if (d > 4 || seen.size > 30000 || o === null || !['object','function'].includes(typeof o) || seen.has(o)) return; seen.add(o); try { const t = Object.prototype.toString.call(o); if (/Shared|WebAssembly|Atomics/.test(t) || /^(SharedArrayBuffer|Memory|Instance)$/.test(o.name)) found.push(t + o.name) } catch {} for (const k of Reflect.ownKeys(o)) { const p = Reflect.getOwnPropertyDescriptor(o, k); if (p && 'value' in p) walk(p.value, d + 1); else if (p) { walk(p.get, d + 1); walk(p.set, d + 1) } } walk(Object.getPrototypeOf(o), d + 1) }; walk(globalThis, 0); found.join()`,
    ],
    expect: ['ok'],
    value: '',
  },
  {
    name: 'a buffer that is made larger or shared by transfer',
    cells: [
      `const b = new ArrayBuffer(8); [typeof b.resize === 'function' ? (() => { try { b.resize(16); return 'grew' } catch { return 'no' } })() : 'no', b.transfer(16).resizable].join()`,
    ],
    expect: ['ok'],
    value: 'no,false',
  },
  {
    name: 'changing what the host answered',
    cells: [
      `const first = await objects.list(); first[0].id = 'forged'; first.length = 0; Object.setPrototypeOf(first, null); delete first[0]; Object.assign(objects.list, { call: 1 })`,
      `(await objects.list())[0].id`,
    ],
    expect: ['ok'],
    value: 'object-1',
  },
  {
    name: 'import of a URL',
    cells: [`import x from 'https://example.org/x.js'; x`],
    expect: ['error'],
    after: works,
  },
  {
    name: 'a host call by a name of its own',
    cells: [
      `const names = ['constructor', '__proto__', 'toString', 'models.delete', '../objects.list']; const told = []; for (const n of names) { try { await objects[n]('x'); told.push('did ' + n) } catch (e) { told.push(e.constructor.name) } } told.some((t) => t.startsWith('did models') || t.startsWith('did ..'))`,
    ],
    expect: ['ok'],
    value: 'false',
  },
]
