/** The real command against the real server. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer, token } from '../server.ts'

let server: TestServer
let folder: string
let project: string
interface Ended {
  code: number | null
  out: string
  notes: string
}
function suricate(
  args: string[],
  { input = '', environment = {} }: { input?: string; environment?: object } = {},
): Promise<Ended> {
  const { SURICATE_TOKEN: _, SURICATE_URL: __, ...rest } = process.env
  const child = spawn(process.execPath, ['cli/suricate.ts', ...args], {
    env: {
      ...rest,
      XDG_CONFIG_HOME: folder,
      SURICATE_URL: server.base,
      SURICATE_TOKEN: token,
      ...environment,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let out = ''
  let notes = ''
  child.stdout.on('data', (part: Buffer) => (out += part.toString()))
  child.stderr.on('data', (part: Buffer) => (notes += part.toString()))
  child.stdin.end(input)
  return new Promise((done) => child.on('close', (code) => done({ code, out, notes })))
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'suricate-cli-'))
  server = await startServer()
  project = (await server.client.call('createProject', { body: { name: 'P' } })).id
  const source = `const { hours, host, dryRun } = parameters({
    hours: { default: 24, min: 1, max: 48, description: 'how far back' }, host: 'web-1', dryRun: false })
log.info('looking back', hours)
if (host === 'none') throw new Error('no such host')
result({ hours, host, dryRun })`
  await server.client.call('createNotebook', { body: { name: 'Look', project, cells: [{ source }] } })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('suricate', () => {
  test('lists its commands, and tells of one that is not there', async () => {
    expect((await suricate(['--help'])).out).toContain('suricate run NOTEBOOK')
    expect(await suricate(['fly'])).toMatchObject({
      code: 2,
      notes: expect.stringContaining('There is no command "fly".') as string,
    })
  })
  test('says that nothing answers', async () => {
    const ended = await suricate(['run', 'Look'], { environment: { SURICATE_URL: 'http://127.0.0.1:9' } })
    expect(ended).toEqual({
      code: 6,
      out: '',
      notes: 'Nothing answers at http://127.0.0.1:9. Is Suricate started (npm start)?\n',
    })
  })
  test('login keeps address and token for the user alone, and refuses a wrong one', async () => {
    const environment = { SURICATE_URL: '', SURICATE_TOKEN: '' }
    expect(await suricate(['login', server.base], { input: 'wrong-token\n', environment })).toMatchObject({
      code: 1,
    })
    expect(await suricate(['login', server.base], { input: `${token}\n`, environment })).toMatchObject({
      code: 0,
    })
    expect(statSync(join(folder, 'suricate', 'settings.json')).mode & 0o777).toBe(0o600)
    expect(await suricate(['run', 'Look', '--wait'], { environment })).toMatchObject({ code: 0 })
    const elsewhere = await suricate(['doctor'], {
      environment: { ...environment, SURICATE_URL: 'http://127.0.0.1:9' },
    })
    expect(elsewhere.out).toContain('NO  token: none')
  })
  test('doctor tells what is there', async () => {
    const { code, out } = await suricate(['doctor'])
    expect(out).toMatch(/^ok {2}Node: 26/)
    expect(out).toContain(`ok  server: ${server.base}`)
    expect(out).toMatch(/ok {2}store: /)
    expect(out).toMatch(/token: .*owner/)
    expect(code).toBe(0)
  })
})

describe('suricate run', () => {
  test('has a flag for each parameter, with its bounds', async () => {
    const { out, code } = await suricate(['run', 'Look', '--help'])
    expect(code).toBe(0)
    expect(out).toContain('--hours NUMBER')
    expect(out).toContain('how far back (from 1, to 48, default 24)')
    expect(out).toContain('--dry-run')
  })
  test('--wait gives the logs on stderr and the result as JSON on stdout', async () => {
    const { code, out, notes } = await suricate([
      'run',
      'Look',
      '--hours',
      '12',
      '--dry-run',
      '--host=a b',
      '--wait',
    ])
    expect([code, JSON.parse(out)]).toEqual([0, { hours: 12, host: 'a b', dryRun: true }])
    expect(notes).toContain('looking back 12')
  })
  test('ends with 1 when the run fails, and with 2 for wrong usage', async () => {
    const failed = await suricate(['run', 'Look', '-p', 'host=none', '--wait'])
    expect([failed.code, failed.out]).toEqual([1, 'null\n'])
    expect(failed.notes).toContain('Error: no such host')
    expect(await suricate(['run', 'Look', '--minutes', '3'])).toMatchObject({
      code: 2,
      notes: 'There is no flag --minutes. The notebook has: --hours, --host, --dry-run. --help lists all.\n',
    })
    expect((await suricate(['run', 'Look', '--hours', 'x'])).notes).toBe('--hours is a number, not "x".\n')
    expect((await suricate(['run', 'Look', '--hours', '99'])).notes).toContain('must be at most 48')
    expect((await suricate(['run', 'Nothing'])).notes).toContain(
      'There is no notebook "Nothing". There are: "Look"',
    )
  })
  test('without --wait gives the run, whose logs follow', async () => {
    const { out } = await suricate(['run', 'Look'])
    const { id } = JSON.parse(out) as { id: string }
    const logs = await suricate(['logs', id])
    expect([logs.code, logs.out.includes('looking back 24'), logs.notes]).toEqual([
      0,
      true,
      'The run ended as succeeded.\n',
    ])
  })
})

describe('suricate push and pull', () => {
  test('carry notebooks there and back, the texts unchanged', async () => {
    const text =
      '// %% [notebook] {"name":"Pushed","kind":"processing"}\n\n// %% {"id":"a","exact":true}\n\n1\n\n\n// %% [sql] {"id":"b"}\n// select 1\n'
    const file = join(folder, 'any.ts')
    writeFileSync(file, text)
    expect((await suricate(['push', file, 'test/data/deno.ipynb', '--project', 'P'])).out).toMatch(
      /\(new\)\n.*\(new\)\n/,
    )
    expect((await suricate(['push', file])).out).toContain('(replaced)')
    const pulled = await suricate(['pull', 'Pushed', '--to', folder])
    expect(pulled).toMatchObject({ code: 0, out: `${join(folder, 'Pushed.ts')}\n` })
    expect(readFileSync(join(folder, 'Pushed.ts'), 'utf8')).toBe(text)
    expect((await suricate(['pull', '--format', 'ipynb', '--to', folder])).out.split('\n')).toHaveLength(4)
    expect(readFileSync(join(folder, 'deno.ipynb'), 'utf8')).toContain('"name": "deno"')
  })
  test('carry objects', async () => {
    const file = join(folder, 'a.csv')
    writeFileSync(file, 'a,b\n1,2\n')
    expect((await suricate(['push', file])).out).toContain('(new)')
    writeFileSync(file, 'a,b\n3,4\n')
    expect((await suricate(['push', file])).out).toContain('(replaced)')
    await suricate(['pull', '--object', 'a.csv', '--to', join(folder, 'back')])
    expect(readFileSync(join(folder, 'back', 'a.csv'), 'utf8')).toBe('a,b\n3,4\n')
  })
})

describe('suricate send', () => {
  test('--raw sends lines in the stream’s own format, --rate holds them back', async () => {
    await server.client.call('createStream', {
      body: { name: 'literals', source: { type: 'http' }, format: 'python' },
    })
    const started = performance.now()
    const input = "{'cpu': 3}\n{'cpu': None}\n{'cpu'\n"
    expect(await suricate(['send', 'literals', '--raw', '--rate', '20'], { input })).toMatchObject({
      code: 1,
      notes: expect.stringContaining('2 accepted, 0 duplicates, 1 dead letters') as string,
    })
    expect(performance.now() - started).toBeGreaterThan(100)
    expect(await suricate(['send', 'literals', '--rate', 'x'], { input })).toMatchObject({
      notes: expect.stringContaining('--rate is a number') as string,
    })
  })
  test('pushes lines in batches, and stops at one that is no JSON', async () => {
    const { id } = await server.client.call('createStream', {
      body: { name: 'lines', source: { type: 'http' } },
    })
    const input = Array.from({ length: 1200 }, (_, v) => JSON.stringify({ v })).join('\n')
    expect(await suricate(['send', 'lines'], { input })).toEqual({
      code: 0,
      out: '',
      notes: '1200 accepted, 0 duplicates, 0 dead letters\n',
    })
    const { items } = await server.client.call('findMessages', { params: { id }, query: { limit: 5 } })
    expect(items).toHaveLength(5)
    expect(await suricate(['send', 'lines'], { input: '{"v":1}\nnope\n' })).toMatchObject({
      code: 1,
      notes: '1 accepted, 0 duplicates, 0 dead letters\nLine 2 is no JSON: nope\n',
    })
  })
})
