/** The real command against the real server, over HTTP, with a stand-in for bpftrace. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { probeMessage, type ProbeMessage } from '../../runtime/api/probe-message.ts'
import { startServer, type TestServer, token, until } from '../server.ts'

let server: TestServer
let folder: string
const running: { child: ChildProcess; ended: Promise<unknown> }[] = []
function collect(args: string[], environment: object = {}) {
  const child = spawn(process.execPath, ['cli/suricate.ts', 'collect', ...args], {
    env: {
      ...process.env,
      XDG_CONFIG_HOME: folder,
      SURICATE_URL: server.base,
      SURICATE_TOKEN: token,
      SURICATE_BPFTRACE: resolve('test/cli/fake-bpftrace.mjs'),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', notes: '' }
  child.stdout.on('data', (part: Buffer) => (said.out += part.toString()))
  child.stderr.on('data', (part: Buffer) => (said.notes += part.toString()))
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)))
  running.push({ child, ended })
  return { child, said, ended }
}
async function findMessages(stream: string): Promise<ProbeMessage[]> {
  const { items } = await server.client.call('findStreams', {})
  const found = items.find(({ name }) => name === stream)
  if (!found) return []
  const query = { fromSeq: 1, limit: 1000 }
  const page = await server.client.call('findMessages', { params: { id: found.id }, query })
  return page.items.map(({ body }) => probeMessage.parse(body))
}
const findOne = async (name: string) =>
  (await server.client.call('findCollectors', {})).items.find((one) => one.name === name && one.connected)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'suricate-collect-'))
  server = await startServer()
})
afterEach(async () => {
  for (const { child } of running) child.kill('SIGTERM')
  await Promise.all(running.splice(0).map(({ ended }) => ended))
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

test('collect makes the stream, and sends every kind of reading for its time', async () => {
  const { said, ended } = collect(['--for', '2', '--every', '0.3', '--stream', 'one'], {
    SURICATE_BPFTRACE: '/none',
  })
  expect(await ended).toBe(0)
  const messages = await findMessages('one')
  expect(new Set(messages.map(({ kind }) => kind))).toEqual(
    new Set(['links', 'resources', 'processes', 'histogram']),
  )
  expect(new Set(messages.map(({ host }) => host))).toEqual(new Set([hostname()]))
  const all = messages.flatMap((one) => (one.kind === 'resources' ? one.items : []))
  expect(all.some(({ kind, utilisation }) => kind === 'cpu' && utilisation !== null)).toBe(true)
  const ours = messages.flatMap((one) => (one.kind === 'processes' ? one.items : []))
  expect(ours.some(({ pid }) => pid === server.process.pid)).toBe(true)
  expect(said.notes).toMatch(/\d+ messages sent, 0 dropped/)
  expect(await findOne(hostname())).toBeUndefined()
})

test('collect --script runs it, and says what it lost at its end', async () => {
  const file = join(folder, 'a.bt')
  writeFileSync(file, 'kprobe:f { @calls[comm] = count(); }')
  expect(await collect(['--script', file, '--for', '1', '--stream', 'two']).ended).toBe(0)
  const messages = await findMessages('two')
  expect(messages.find(({ kind }) => kind === 'counts')).toMatchObject({
    job: null,
    name: '@calls',
    total: false,
    items: [
      { key: ['node'], value: 5 },
      { key: ['bash'], value: 3 },
      { key: ['my proc'], value: 1 },
    ],
  })
  expect(messages.at(-1)).toMatchObject({ kind: 'note', level: 'error' })
})

test('collect --script without bpftrace reads /proc, and says so', async () => {
  const file = join(folder, 'a.bt')
  const { said, ended } = collect(['--script', file, '--print', '--for', '1'], { SURICATE_BPFTRACE: '/none' })
  expect(await ended).toBe(0)
  expect(said.notes).toContain('bpftrace is not here; /proc is read instead')
  expect(probeMessage.parse(JSON.parse(said.out.split('\n')[0]!)).kind).toBe('links')
})

test('a script with an error is not run, and the line is told', async () => {
  const file = join(folder, 'b.bt')
  writeFileSync(file, 'BEGIN {\n  cuont();\n}')
  const { said, ended } = collect(['--script', file, '--print'])
  expect([await ended, said.notes.trim()]).toEqual([
    1,
    'Line 2: There is no function "cuont". Is count meant?',
  ])
})

test('wrong flags are refused with what is right', async () => {
  const tell = async (...args: string[]) => {
    const { said, ended } = collect(args)
    return [await ended, said.notes.trim()]
  }
  expect(await tell('--every', 'x')).toEqual([2, '--every is a number of seconds from 0.1 to 3600, not "x".'])
  expect(await tell('--queue', 'q')).toEqual([2, '--queue needs --amqp URL.'])
  expect(await tell('now')).toEqual([2, 'suricate collect takes flags alone; --help lists them.'])
})

test('a token that is refused ends it', async () => {
  const { said, ended } = collect([], { SURICATE_TOKEN: 'wrong' })
  expect([await ended, said.notes.includes('Sign in with')]).toEqual([1, true])
})

test('without --scripts a script is refused', async () => {
  collect(['--name', 'closed'])
  const one = await until(() => findOne('closed'), 10_000, 'the collector')
  expect([one.scripts, one.bpftrace]).toEqual([false, true])
  const sent = server.client.call('createCollectorJob', {
    params: { id: one.id },
    body: { script: 'BEGIN { exit() }', seconds: 1 },
  })
  await expect(sent).rejects.toThrow('takes no scripts; start it with: suricate collect --scripts')
})

test('with --scripts it runs what was sent, beside its counters, until its time or a cancel', async () => {
  collect(['--name', 'open', '--scripts', '--stream', 'jobs'])
  const { id } = await until(() => findOne('open'), 10_000, 'the collector')
  const params = { id }
  const send = (script: string, seconds: number) =>
    server.client.call('createCollectorJob', { params, body: { script, seconds } })
  const ended = (state: string) =>
    until(async () => (await findOne('open'))?.job?.state === state, 10_000, `the job to be ${state}`)

  const job = await send('kprobe:f { @calls[comm] = count(); }', 1)
  expect(job).toMatchObject({ state: 'waiting', seconds: 1, by: expect.any(String) as string })
  await expect(send('BEGIN { exit() }', 1)).rejects.toThrow('cancel it first')
  await ended('done')
  const messages = await findMessages('jobs')
  expect(new Set(messages.filter((one) => one.job === job.id).map(({ kind }) => kind))).toEqual(
    new Set(['note', 'counts', 'histogram', 'text']),
  )
  expect(messages.some((one) => one.job === null && one.kind === 'resources')).toBe(true)

  await send('BEGIN { printf("fail") }', 1)
  await ended('failed')
  expect((await findOne('open'))?.job?.error).toContain('the kernel refused it')

  const endless = await send('kprobe:f { @ = count(); }', 0)
  await until(
    async () => (await findMessages('jobs')).some((one) => one.job === endless.id && one.kind === 'counts'),
    10_000,
    'the script to begin',
  )
  await server.client.call('cancelCollectorJob', { params: { id, job: endless.id } })
  await ended('cancelled')
  // It was ended on the machine too, not only in the list: the last word of the script comes.
  await until(
    async () =>
      (await findMessages('jobs')).some(
        (one) => one.job === endless.id && one.kind === 'note' && one.level === 'error',
      ),
    10_000,
    'the script to end',
  )
})
