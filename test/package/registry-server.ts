/** A registry of npm on a free port of this machine, with packages that are made here. */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { type Header, pack } from 'tar-stream'

export interface Fixture {
  name: string
  version: string
  files: { [path: string]: string }
  manifest?: { [field: string]: unknown }
  /** Instead of what the bytes have. */
  integrity?: string | null
  tarball?: Uint8Array
}
export interface TestRegistry {
  url: string
  /** Paths that were asked for. */
  asked: string[]
  close(): Promise<void>
}

export async function toTarball(entries: [Partial<Header> & { name: string }, string?][]): Promise<Buffer> {
  const made = pack()
  for (const [header, content] of entries) made.entry(header as Header, content ?? '')
  made.finalize()
  const parts: Uint8Array[] = []
  for await (const part of made) parts.push(part as Uint8Array)
  return gzipSync(Buffer.concat(parts))
}

export async function startRegistry(fixtures: Fixture[], hold?: Promise<void>): Promise<TestRegistry> {
  const tarballs = new Map<string, Uint8Array>()
  const packuments = new Map<string, { versions: { [version: string]: unknown }; latest: string }>()
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1)
    asked.push(path)
    const found = packuments.get(path)
    const body = found
      ? Buffer.from(JSON.stringify({ 'dist-tags': { latest: found.latest }, versions: found.versions }))
      : tarballs.get(path)
    void (hold ?? Promise.resolve()).then(() => response.writeHead(body ? 200 : 404).end(body))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const { name, version, files, manifest = {}, integrity, tarball } of fixtures) {
    const described = { name, version, license: 'MIT', ...manifest }
    const bytes =
      tarball ??
      (await toTarball(
        Object.entries({ 'package.json': JSON.stringify(described), ...files }).map(([path, content]) => [
          { name: `package/${path}` },
          content,
        ]),
      ))
    const path = `${name}/-/${version}.tgz`
    tarballs.set(path, bytes)
    const sha = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
    const known = packuments.get(name) ?? { versions: {}, latest: version }
    packuments.set(name, known)
    known.latest = version
    known.versions[version] = {
      ...described,
      dist: { tarball: `${url}/${path}`, ...(integrity === null ? {} : { integrity: integrity ?? sha }) },
    }
  }
  return {
    url,
    asked,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }
}

/** Two that work together, in the two manners of modules, and others that cannot be taken. */
export const fixtures: Fixture[] = [
  {
    name: 'half',
    version: '1.0.0',
    files: { 'index.js': 'exports.half = (x) => x / 2; exports.__esModule = true' },
    manifest: { main: 'index.js', scripts: { postinstall: 'touch /tmp/was-run' } },
  },
  { name: 'half', version: '2.0.0', files: { 'index.js': 'exports.half = () => "the wrong one"' } },
  {
    name: '@fixture/quarter',
    version: '1.2.3',
    files: {
      'esm/index.js':
        "import { half } from 'half'\nexport const quarter = (x) => half(half(x))\nexport default quarter",
    },
    manifest: { type: 'module', exports: { '.': './esm/index.js' }, dependencies: { half: '^1.0.0' } },
  },
  {
    name: 'reads-files',
    version: '1.0.0',
    files: { 'index.js': "const fs = require('fs'); exports.read = () => fs.readFileSync('/etc/passwd')" },
  },
  {
    name: 'needs-reader',
    version: '1.0.0',
    files: { 'index.js': "exports.read = require('reads-files').read" },
    manifest: { dependencies: { 'reads-files': '1.0.0' } },
  },
  {
    name: 'asks-node',
    version: '1.0.0',
    files: { 'index.js': 'exports.cwd = process.cwd()' },
  },
  {
    name: 'changed',
    version: '1.0.0',
    files: { 'index.js': 'exports.x = 1' },
    integrity: `sha512-${'A'.repeat(86)}==`,
  },
]
