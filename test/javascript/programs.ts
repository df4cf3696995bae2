/**
 * Random programs that mean the same as cells and as one script: a list of bytes chooses at every fork, so that a
 * shorter or smaller list is a simpler program. What the two forms do not share by design is left out: a name before
 * its declaration at top level, a function above its cell, a constant of another cell that is written to, a promise
 * that nobody waits for. `‹...›` is TypeScript, which the script goes without. `note(...)` tells a value.
 */
export interface RandomProgram {
  cells: string[]
  /** One module of JavaScript. */
  script: string
}

interface Scope {
  /** Numbers that may be assigned to. */
  variables: string[]
  /** What can be read: numbers. */
  numbers: string[]
  isFunction: boolean
  isAsync: boolean
}

const maxDepth = 3

export function toRandomProgram(choices: Uint8Array): RandomProgram {
  const writer = new Writer(choices)
  const cells: string[] = []
  for (let count = 1 + writer.pick(5); count > 0; count--) cells.push(writer.cell())
  cells.push(`[${writer.names.join(', ')}]`)
  const script = [...cells.slice(0, -1), `globalThis.last = ${cells.at(-1)}`].join('\n')
  return {
    cells: cells.map((cell) => cell.replaceAll(/[‹›]/g, '')),
    script: script.replaceAll(/‹[^›]*›/g, ''),
  }
}

class Writer {
  readonly #choices: Uint8Array
  #at = 0
  #count = 0
  #fuel = 120
  readonly #top: Scope = { variables: [], numbers: [], isFunction: false, isAsync: true }
  readonly #vars: string[] = []
  readonly #functions: string[] = []
  readonly #asyncs: string[] = []
  readonly #generators: string[] = []
  readonly #classes: string[] = []
  #constants: string[] = []

  constructor(choices: Uint8Array) {
    this.#choices = choices
  }
  get names(): string[] {
    return this.#top.numbers
  }
  /** Below `of`; 0, the simplest, when the choices are used up. */
  pick(of: number): number {
    return of < 2 ? 0 : (this.#choices[this.#at++] ?? 0) % of
  }
  #one<T>(list: readonly T[]): T {
    return list[this.pick(list.length)]!
  }
  #fresh(prefix: string): string {
    return `${prefix}${this.#count++}`
  }

  cell(): string {
    this.#constants = []
    const lines: string[] = []
    for (let count = 1 + this.pick(5); count > 0; count--) lines.push(this.#topStatement())
    return lines.join('\n')
  }

  #declare(name: string, kind: 'let' | 'const' | 'var'): void {
    this.#top.numbers.push(name)
    if (kind === 'const') this.#constants.push(name)
    else this.#top.variables.push(name)
    if (kind === 'var') this.#vars.push(name)
  }

  /** Where nothing can wait and no function is called. */
  get #quiet(): Scope {
    return { ...this.#top, isFunction: true, isAsync: false }
  }

  #topStatement(): string {
    const forms = [
      () => this.#declaration(),
      () => this.#statement(this.#top, 0),
      () => this.#pattern(),
      () => this.#function(),
      () => this.#closure(),
      () => this.#varLoop(),
      () => this.#class(),
      () => this.#generator(),
      () => this.#async(),
      () => this.#redeclaration(),
      () => this.#constantWrite(),
      () => this.#closuresOfLoop(),
      () => this.#uncaught(),
    ]
    return this.#one(forms)()
  }
  #declaration(): string {
    const kind = this.#one(['let', 'const', 'var'] as const)
    const [first, second] = [this.#fresh('a'), this.#fresh('a')]
    const value = this.#number(this.#top, 0)
    this.#declare(first, kind)
    if (this.pick(3) > 0) return `${kind} ${first}‹: number› = ${value};`
    const other = this.#number({ ...this.#top, numbers: this.#top.numbers.slice(0, -1) }, 1)
    this.#declare(second, kind)
    return `${kind} ${first} = ${value}, ${second}‹: number› = ${other};`
  }
  #pattern(): string {
    const kind = this.#one(['let', 'const', 'var'] as const)
    const [a, b, c, rest] = [this.#fresh('a'), this.#fresh('a'), this.#fresh('a'), this.#fresh('r')]
    const [x, y, z] = [0, 0, 0].map(() => this.#number(this.#top, 1))
    const missing = this.#one([z, 'undefined'])
    const text = this.#one([
      `${kind} { p: ${a}, q: [${b} = ${x}], ...${rest} }‹: any› = { p: ${y}, q: [${missing}], s: 1 };\nnote(${rest});`,
      `${kind} [${a}, , ${b} = ${x}, ...${rest}]‹: any[]› = [${y}, 0, ${missing}, 1, 2];\nnote(${rest});`,
      `${kind} { [${JSON.stringify(a)}]: ${a}, ${b} = ${x} }‹: any› = { ${a}: ${y} };`,
    ])
    for (const name of [a, b]) this.#declare(name, kind)
    return `${text}\n${kind} ${c} = ${a};${(this.#declare(c, kind), '')}`
  }
  #redeclaration(): string {
    if (this.#vars.length === 0) return this.#declaration()
    const name = this.#one(this.#vars)
    const text = this.#one([`var ${name}‹: number› = ${this.#number(this.#top, 0)};`, `var ${name};`])
    // A function of an earlier cell sees the new value at once.
    const calls = this.#functions.map((known) => `${known}(1)`)
    return `${text}\nnote(${[name, ...calls].join(', ')});`
  }
  #constantWrite(): string {
    if (this.#constants.length === 0) return this.#declaration()
    const name = this.#one(this.#constants)
    const write = this.#one([
      `${name} = 1`,
      `${name}++`,
      `[${name}] = [1]`,
      `({ x: ${name} } = { x: 1 })`,
      `${name} ||= 3`,
    ])
    return `try { ${write}; note("written"); } catch (e‹: any›) { note(e.name, e.message); }`
  }
  #uncaught(): string {
    if (this.pick(4) > 0) return this.#statement(this.#top, 0)
    return `if (${this.#number(this.#top, 1)} > 3) throw new Error("uncaught");`
  }

  #function(): string {
    const name = this.#fresh('f')
    const parameter = this.#one(['n', 'm', ...this.#top.numbers])
    const scope = this.#inner(this.#top, [parameter], { isFunction: true, isAsync: false })
    const more = this.#one([
      `{ k } = { k: ${this.#number(this.#quiet, 1)} }`,
      `k‹: any› = ${parameter}`,
      '...k‹: any[]›',
    ])
    const body = `${this.#block(scope, 1)}\nreturn ${this.#number(scope, 1)} + [k].length;`
    this.#functions.push(name)
    const call = `note(${name}(${this.#number(this.#top, 1)}));`
    const text = `function ${name}(${parameter}‹: any›, ${more})‹: number› {\n${body}\n}`
    return this.#one([`${text}\n${call}`, `${call}\n${text}`, text])
  }
  #closure(): string {
    const name = this.#fresh('f')
    const scope = this.#inner(this.#top, ['n'], { isFunction: true, isAsync: false })
    const body = this.#one([
      () => this.#number(scope, 0),
      () => `(${this.#assignment(scope, 1)})`,
      () => `{ ${this.#block(scope, 1)}\nreturn ${this.#number(scope, 1)}; }`,
      () => `(() => ${this.#number(scope, 1)})()`,
    ])()
    this.#functions.push(name)
    return `const ${name} = (n‹: any›) => ${body};`
  }
  #closuresOfLoop(): string {
    const [list, index] = [this.#fresh('l'), this.#fresh('i')]
    const kind = this.#one(['let', 'var'])
    const body = this.#number(this.#quiet, 1)
    return `const ${list}‹: any[]› = [];\nfor (${kind} ${index} = 0; ${index} < 3; ${index}++) ${list}.push(() => ${index} + ${body});\nnote(${list}.map((f) => f()));`
  }
  #varLoop(): string {
    const name = this.#fresh('a')
    const body = this.#block(this.#inner(this.#top, [name]), 1)
    const value = this.#number(this.#top, 1)
    const text = this.#one([
      `for (var ${name} = 0; ${name} < 3; ${name}++) { note(${name}); }`,
      `for (var ${name} of [1, ${value}]) { ${body} }`,
      `for (var [${name}] of [[1], [${value}]]) { ${body} }`,
      `for (var ${name} in { 4: 1, 7: 2 }) { note(${name}); }`,
      `for await (var ${name} of [Promise.resolve(1), ${value}]) { ${body} }`,
      `do { var ${name} = ${value}; ${body} } while (false);`,
      `try { var ${name} = ${value}; ${body} } finally { note(${name}); }`,
      `switch (1) { default: var ${name} = ${value}; }`,
    ])
    this.#declare(name, 'var')
    return text
  }

  #class(): string {
    const name = this.#fresh('C')
    const base = this.#classes.length > 0 && this.pick(2) === 1 ? this.#one(this.#classes) : null
    const within = this.#inner(this.#top, ['n'], { isFunction: true, isAsync: false })
    const parts = [
      `#p‹: number› = ${this.#number(this.#quiet, 1)};`,
      `x‹: number› = ${this.#number(this.#quiet, 1)};`,
      `static s = ${this.#number(this.#quiet, 1)};`,
      `constructor(n‹: any›) { ${base ? 'super(n); ' : ''}this.#p += n; ${this.#block(within, 2)} }`,
      `get p() { return this.#p + ${this.#number(this.#quiet, 2)}; }`,
      `set p(n) { this.#p = n; }`,
      `m(n‹: any›)‹: number› { ${this.#block(within, 2)} return ${base ? 'super.m(n) + ' : ''}this.x + ${this.#number(within, 1)}; }`,
      `static { ${this.#block(this.#quiet, 2)} }`,
      `*[Symbol.iterator]() { yield this.x; yield ${this.#number(this.#quiet, 1)}; }`,
    ]
    const kept = parts.filter((_, index) => [0, 1, 3, 6].includes(index) || this.pick(2) === 1)
    this.#classes.push(name)
    const value = this.#number(this.#top, 1)
    const uses = `note(new ${name}(${value}).m(2), (${name}‹ as any›).s, (new ${name}(1)‹ as any›).p, new ${name}(2) instanceof ${base ?? name});`
    const declared = this.#one([`class ${name}`, `const ${name} = class`])
    return `${declared}${base ? ` extends ${base}` : ''} {\n${kept.join('\n')}\n};\n${uses}`
  }
  #generator(): string {
    const name = this.#fresh('g')
    const scope = this.#inner(this.#top, ['n'], { isFunction: true, isAsync: false })
    const [x, y] = [this.#number(scope, 1), this.#number(scope, 1)]
    const other = this.#generators.length > 0 ? `yield* ${this.#one(this.#generators)}(1);` : ''
    const body = this.#one([
      `yield ${x}; ${other} yield ${y};`,
      `try { yield ${x}; ${other} const got‹: any› = yield ${y}; note(got); } finally { ${this.#block(scope, 2)} }`,
      `for (let i = 0; i < 3; i++) { if (i === 1) continue; yield i + ${x}; } ${other}`,
    ])
    const text = `function* ${name}(n‹: any›)‹: Generator<any>› { ${body} }`
    this.#generators.push(name)
    const value = this.#number(this.#top, 1)
    const use = this.#one([
      `note([...${name}(${value})]);`,
      `for (const v of ${name}(${value})) { note(v); break; }`,
      `{ const it = ${name}(${value}); note(it.next().value, it.next(5).value, it.return(6).value); }`,
    ])
    return `${text}\n${use}`
  }
  #async(): string {
    const name = this.#fresh('f')
    const scope = this.#inner(this.#top, ['n'], { isFunction: true, isAsync: true })
    const text = `async function ${name}(n‹: any›)‹: Promise<number>› { ${this.#block(scope, 1)} return ${this.#number(scope, 1)} + await 1; }`
    const stream = `(async function* () { yield ${this.#number(this.#top, 1)}; yield Promise.resolve(2); })()`
    this.#asyncs.push(name)
    const value = this.#number(this.#top, 1)
    const use = this.#one([
      `note(await ${name}(${value}));`,
      `note(await Promise.all([${name}(1), ${name}(${this.#number(this.#quiet, 1)})]));`,
      `for await (const v of ${stream}) { note(v); }`,
      `try { await Promise.reject(new RangeError("no")); } catch (e‹: any›) { note(e.name, await ${name}(1)); }`,
    ])
    return `${text}\n${use}`
  }

  #inner(scope: Scope, names: string[], more: Partial<Scope> = {}): Scope {
    const variables = [...scope.variables.filter((name) => !names.includes(name)), ...names]
    return { ...scope, ...more, variables, numbers: [...scope.numbers, ...names] }
  }
  #block(scope: Scope, depth: number): string {
    const lines: string[] = []
    for (let count = this.pick(3); count > 0; count--) lines.push(this.#statement(scope, depth))
    return lines.join('\n')
  }

  #statement(scope: Scope, depth: number): string {
    const note = (): string => `note(${this.#number(scope, depth)});`
    if (depth >= maxDepth || this.#fuel-- <= 0) return note()
    const below = (names: string[] = []): string => this.#block(this.#inner(scope, names), depth + 1)
    const value = (): string => this.#number(scope, depth + 1)
    const forms = [
      note,
      () => `${this.#assignment(scope, depth)};`,
      () => `if (${value()} > 1) { ${below()} } else { ${below()} }`,
      () => {
        const name = this.#one(['x', ...scope.numbers])
        return `{ ${this.#one(['let', 'const'])} ${name}‹: any› = ${this.pick(9)}; note(${name}); ${this.#block(this.#inner(this.#without(scope, name), []), depth + 1)} }`
      },
      () => {
        const index = this.#fresh('i')
        return `for (let ${index} = 0; ${index} < ${this.pick(4)}; ${index}++) { ${this.#block({ ...scope, numbers: [...scope.numbers, index] }, depth + 1)} }`
      },
      () => {
        const index = this.#fresh('i')
        return `{ let ${index} = 3; while (${index}-- > 0) { ${below()} if (${value()} > 2) break; } }`
      },
      () =>
        `try { ${below()} if (${value()} > 0) throw ${value()}; ${below()} } catch (e‹: any›) { note(e); ${below()} } finally { ${below()} }`,
      () => {
        const label = this.#fresh('o')
        const [i, j] = [this.#fresh('i'), this.#fresh('i')]
        const jump = this.#one([`continue ${label}`, `break ${label}`, 'continue', 'break'])
        return `${label}: for (const ${i} of [1, 2, 3]) { for (const ${j} of [1, 2]) { if (${i} * ${j} > ${value()}) ${jump}; note(${i}, ${j}); } ${below()} }`
      },
      () =>
        `switch (${value()}) { case ${this.pick(4)}: ${below()} break; case ${value()}: ${below()} default: ${below()} }`,
      () => {
        const name = this.#one(['v', ...scope.numbers])
        return `for (const [${name}, { w = ${this.pick(5)} }] of [[1, {}], [2, { w: ${value()} }]]‹ as any›) { note(${name}, w); }`
      },
      () => {
        const label = this.#fresh('o')
        return `${label}: { ${below()} if (${value()} > 1) break ${label}; ${below()} }`
      },
      () => `for (const k in { a: 1, b: ${this.pick(4)} }) { note(k); ${below()} }`,
      () => (scope.isAsync ? `for await (const w of [1, Promise.resolve(${value()})]) { note(w); }` : note()),
    ]
    return this.#one(forms)()
  }
  /** A constant of the block hides the name: it may not be assigned to. */
  #without(scope: Scope, name: string): Scope {
    return { ...scope, variables: scope.variables.filter((other) => other !== name) }
  }

  #assignment(scope: Scope, depth: number): string {
    if (scope.variables.length === 0) return `note(${this.#number(scope, depth)})`
    const [name, other] = [this.#one(scope.variables), this.#one(scope.variables)]
    const value = this.#number(scope, depth + 1)
    return this.#one([
      `${name} = ${value}`,
      `${name} ${this.#one(['+=', '-=', '??=', '||=', '&&=', '|='])} ${value}`,
      `${name}${this.#one(['++', '--'])}`,
      `[${name}, ${other}] = [${other}, ${value}]`,
      `({ q: ${name}, r: [${other} = ${value}] } = { q: ${value}, r: [] ‹as any› })`,
    ])
  }

  #number(scope: Scope, depth: number): string {
    const literal = (): string => String(this.pick(10))
    const name = (): string => (scope.numbers.length > 0 ? this.#one(scope.numbers) : literal())
    if (depth >= maxDepth || this.#fuel-- <= 0) return this.#one([literal, name])()
    const value = (): string => this.#number(scope, depth + 1)
    const isTop = !scope.isFunction
    const call = (list: string[], before = ''): string =>
      isTop && list.length > 0 ? `(${before}${this.#one(list)}(${value()}))` : name()
    const forms = [
      literal,
      name,
      () => `(${value()} ${this.#one(['+', '-', '*', '<', '&', '??'])} ${value()})`,
      () => `(${value()} ? ${value()} : ${value()})`,
      () => (scope.variables.length > 0 ? `(${this.#one(scope.variables)}++)` : literal()),
      () => {
        const parameter = this.#one(['n', ...scope.numbers])
        return `((${parameter}‹: any›) => ${this.#number({ ...scope, isAsync: false }, depth + 1)})(${literal()})`
      },
      () => call(this.#functions),
      () => (scope.isAsync ? `(await ${value()})` : value()),
      () => (scope.isAsync ? call(this.#asyncs, 'await ') : value()),
      () => `[${value()}, ...[${value()}, 1]].length`,
      () => `(typeof ${name()} === "number" ? ${value()} : 0)`,
      () => `((${value()})‹ as number› || 2)`,
    ]
    return this.#one(forms)()
  }
}
