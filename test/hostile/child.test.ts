/** Code that got out of the isolate, into the child itself: what it finds there. And children whose parent dies. */
import { execFile, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { buildGuest } from '../../runtime/guest/build/build.ts'
import { openFolder, type Folder } from '../../runtime/sandbox/folder.ts'
import { openSandboxes } from '../../runtime/sandbox/open.ts'
import type { Sandboxes } from '../../runtime/sandbox/port.ts'
import { toNodeCommand } from '../../runtime/sandbox/process.ts'
import { openWrapper, type Wrapper } from '../../runtime/sandbox/wrapper.ts'
import { isGone, openInvariants, type Invariants } from './invariants.ts'

let folder: Folder
let wrapper: Wrapper
let sandboxes: Sandboxes
let buildDir: string
let invariants: Invariants
beforeAll(async () => {
  buildDir = (await buildGuest()).out
  folder = await openFolder(buildDir)
  wrapper = await openWrapper(folder.node)
  sandboxes = await openSandboxes({ log: pino({ level: 'silent' }), pool: 0, singleUser: true, buildDir })
  invariants = await openInvariants(sandboxes)
})
afterEach(async () => {
  expect(await invariants.checkOthers()).toEqual([])
})
afterAll(async () => {
  await invariants?.close()
  await sandboxes?.close()
})

/** What `code` prints in a child's process after it gave up reading and loading. */
async function runInChild(code: string): Promise<string> {
  const whole = `
    process.permission.drop('addon'); process.permission.drop('fs.read')
    const attempt = async (work) => { try { return 'did ' + (await work()) } catch (error) { return error.code ?? error.name } }
    ;(async () => { process.stdout.write(String(await attempt(async () => { ${code} }))) ; process.exit(0) })()`
  const command = wrapper.toCommand(toNodeCommand(folder, '-e', whole), { uid: 664_999, dataMb: 4_096 })
  const [file, ...given] = command
  const { stdout } = await promisify(execFile)(file as string, given, {
    env: {} as NodeJS.ProcessEnv,
    cwd: '/',
    timeout: 15_000,
  })
  return stdout
}

const denied = 'ERR_ACCESS_DENIED'
const attempts: { name: string; code: string; result: string | RegExp }[] = [
  { name: 'read a file', code: `return require('fs').readFileSync('/etc/passwd', 'utf8')`, result: denied },
  { name: 'list a folder', code: `return require('fs').readdirSync('/')`, result: denied },
  {
    name: 'write a file',
    code: `return require('fs').writeFileSync('/tmp/suricate-escape', 'x')`,
    result: denied,
  },
  {
    name: 'read its own folder',
    code: `return require('fs').readFileSync(process.execPath).length`,
    result: denied,
  },
  { name: 'change its own file', code: `return require('fs').unlinkSync('/bin/sh')`, result: denied },
  {
    name: 'fork',
    code: `return require('child_process').fork('/x.js').pid`,
    result: denied,
  },
  {
    name: 'listen on a socket of files',
    code: `return await new Promise((done, fail) => require('net').createServer().listen('/tmp/suricate.sock', () => done('listening')).on('error', fail))`,
    result: /^E/,
  },
  {
    name: 'send a datagram',
    code: `return await new Promise((done, fail) => { const s = require('dgram').createSocket('udp4'); s.on('error', fail); s.send('x', 53, '1.1.1.1', (e) => (e ? fail(e) : done('sent'))) })`,
    result: /^E/,
  },
  {
    name: 'look a name up',
    code: `return await require('dns').promises.lookup('example.org')`,
    result: /^E/,
  },
  {
    name: 'take its permissions back',
    code: `return process.permission.has('fs.read') || process.permission.has('child') || process.permission.has('addon')`,
    result: 'did false',
  },
  { name: 'start a process', code: `return require('child_process').execSync('id')`, result: denied },
  {
    name: 'start a worker',
    code: `return new (require('worker_threads').Worker)('1', { eval: true })`,
    result: denied,
  },
  {
    name: 'open the inspector',
    code: `require('inspector').open(0); return require('inspector').url()`,
    result: /^(ERR_|did undefined)/,
  },
  {
    name: 'load an addon',
    code: `return process.dlopen({ exports: {} }, ${JSON.stringify('FOLDER')} + '/isolated-vm.node')`,
    result: /^ERR_/,
  },
  {
    name: 'connect to an address',
    code: `return await new Promise((done, fail) => require('net').connect(80, '1.1.1.1', () => done('connected')).on('error', fail))`,
    result: /^E/,
  },
  {
    name: 'connect to loopback',
    code: `return await new Promise((done, fail) => require('net').connect(22, '127.0.0.1', () => done('connected')).on('error', fail))`,
    result: /^E/,
  },
  {
    name: 'listen',
    code: `return await new Promise((done, fail) => require('net').createServer().listen(0, () => done('listening')).on('error', fail))`,
    result: /^E/,
  },
  {
    name: 'resolve a name',
    code: `return await require('dns').promises.resolve4('example.org')`,
    result: /^E/,
  },
  { name: 'fetch', code: `return (await fetch('http://1.1.1.1')).status`, result: /^(E|TypeError)/ },
  { name: 'read the environment', code: `return JSON.stringify(process.env)`, result: 'did {}' },
]

describe('code in the child itself', () => {
  test.each(attempts)('cannot $name', async ({ code, result }) => {
    const printed = await runInChild(code.replace('FOLDER', folder.path))
    if (typeof result === 'string') expect(printed).toBe(result)
    else expect(printed).toMatch(result)
  })
  test('cannot kill its parent', async (context) => {
    if (wrapper.mode === 'none') return context.skip('no wrapper works here')
    expect(await runInChild(`return process.kill(${process.pid}, 'SIGKILL')`)).toMatch(/^(ESRCH|EPERM|ERR_)/)
    expect(await runInChild(`return process.kill(process.ppid || ${process.pid}, 0)`)).toMatch(
      /^(ESRCH|EPERM|ERR_)/,
    )
  })
  test('is of nobody and alone', async (context) => {
    if (wrapper.mode !== 'uid') return context.skip('needs root')
    expect(
      await runInChild(`return [process.getuid(), process.getgid(), process.pid, process.cwd()].join()`),
    ).toBe('did 664999,664999,1,/')
  })
})

describe('children of a parent', () => {
  test('of one pool have users of their own', async (context) => {
    if (wrapper.mode !== 'uid') return context.skip('needs root')
    const open = (workspace: string) => sandboxes.open({ workspace, host: {}, onOutput: () => undefined })
    const [first, second] = [await open('first'), await open('second')]
    const { statSync } = await import('node:fs')
    expect(statSync(`/proc/${first.pid}`).uid).not.toBe(statSync(`/proc/${second.pid}`).uid)
    await Promise.all([first.close(), second.close()])
  })

  test('die with a parent that is killed while they spin', async () => {
    const code = `
      import { openSandboxes } from ${JSON.stringify(resolve('runtime/sandbox/open.ts'))}
      const log = { info() {}, warn() {}, error() {} }
      const sandboxes = await openSandboxes({ log, pool: 1, singleUser: true, buildDir: ${JSON.stringify(buildDir)} })
      const kernel = await sandboxes.open({ workspace: 'w', host: {}, onOutput(output) { process.stdout.write(kernel.pid + '\\n') } })
      await kernel.execute({ id: 'c', label: '1', source: 'console.log(1); show(1); for (;;);' })`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pid = await new Promise<number>((done) =>
      parent.stdout.once('data', (text) => done(Number(String(text).split('\n')[0]))),
    )
    expect(pid).toBeGreaterThan(1)
    parent.kill('SIGKILL')
    expect(await isGone(pid)).toBe(true)
  })

  test('a reply after close() reaches nobody', async () => {
    let answer: (value: { value: number }) => void = () => undefined
    const kernel = await sandboxes.open({
      workspace: 'late',
      host: { 'objects.list': () => new Promise((done) => (answer = done)) },
      onOutput: () => undefined,
    })
    const execution = kernel.execute({ id: 'c', label: '1', source: 'await objects.list()' })
    await expect.poll(() => answer.length).toBe(1)
    await kernel.close()
    answer({ value: 1 })
    expect((await execution).status).toBe('killed')
  })

  test('a hundred kernels at once answer', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        // The children start one after another below; this many at once is what a rush looks like.
        const kernel = await sandboxes.open({
          workspace: `rush-${index % 25}`,
          host: {},
          onOutput: () => undefined,
        })
        const { value } = await kernel.execute({ id: 'c', label: '1', source: `${index} + 1` })
        await kernel.close()
        return value
      }),
    )
    expect(answers).toEqual(Array.from({ length: 100 }, (_, index) => String(index + 1)))
  }, 240_000)
})
