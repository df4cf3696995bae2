import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { unpack } from '../../runtime/package/tarball.ts'
import { toTarball } from './registry-server.ts'

const limits = { bytes: 1_000_000, files: 10 }
const manifest: [{ name: string }, string] = [{ name: 'package/package.json' }, '{}']

describe('unpack', () => {
  test('takes scripts and JSON below the first folder, and counts all bytes', async () => {
    const tarball = await toTarball([
      manifest,
      [{ name: 'package/dist/', type: 'directory' }],
      [{ name: 'package/./dist/index.mjs' }, 'export {}'],
      [{ name: 'package/README.md' }, 'read me'],
      [{ name: 'package/tsconfig.json' }, '{}'],
      [{ name: 'package/node_modules/other/index.js' }, 'bad'],
    ])
    const { files, bytes } = await unpack('a@1.0.0', tarball, limits)
    const texts = Object.fromEntries(
      [...files].map(([path, content]) => [path, Buffer.from(content).toString()]),
    )
    expect(texts).toEqual({ 'package.json': '{}', 'dist/index.mjs': 'export {}' })
    expect(bytes).toBeGreaterThan(2_000)
  })
  test.each([
    [{ name: 'package/../../etc/passwd.js' }, 'it has the path "package/../../etc/passwd.js"'],
    [{ name: '/etc/cron.d/job.js' }, 'it has the path "/etc/cron.d/job.js"'],
    [{ name: 'C:/windows/job.js' }, 'it has the path "C:/windows/job.js"'],
    [{ name: 'package\\..\\job.js' }, 'it has the path "package\\\\..\\\\job.js"'],
    [
      { name: 'package/passwd.js', type: 'symlink' as const, linkname: '/etc/passwd' },
      'it has a symlink, "package/passwd.js"',
    ],
    [
      { name: 'package/passwd.js', type: 'link' as const, linkname: '/etc/passwd' },
      'it has a link, "package/passwd.js"',
    ],
    [
      { name: 'package/tty.js', type: 'character-device' as const },
      'it has a character-device, "package/tty.js"',
    ],
  ])('refuses %j', async (entry, why) => {
    const tarball = await toTarball([manifest, [entry, '']])
    await expect(unpack('a@1.0.0', tarball, limits)).rejects.toMatchObject({
      code: 'invalid',
      message: `a@1.0.0 cannot be taken: ${why}. It was not added.`,
    })
  })
  test('refuses a bomb before it is in memory', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000))
    const before = process.memoryUsage().rss
    await expect(unpack('a@1.0.0', bomb, limits)).rejects.toMatchObject({
      code: 'too-large',
      message: 'a@1.0.0 is larger than 1 MB unpacked, which is the limit.',
    })
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000)
  })
  test('refuses too many files', async () => {
    const many = Array.from({ length: 11 }, (_, i): [{ name: string }, string] => [
      { name: `package/${i}.js` },
      '',
    ])
    await expect(unpack('a@1.0.0', await toTarball(many), limits)).rejects.toMatchObject({
      code: 'too-large',
    })
  })
  test('refuses what is no tarball', async () => {
    const message = (why: string): object => ({
      code: 'invalid',
      message: `a@1.0.0 cannot be taken: ${why}. It was not added.`,
    })
    await expect(unpack('a@1.0.0', Buffer.from('hello'), limits)).rejects.toMatchObject(
      message('it is not compressed with gzip'),
    )
    await expect(unpack('a@1.0.0', gzipSync(Buffer.alloc(700, 65)), limits)).rejects.toMatchObject(
      message('its archive is damaged'),
    )
    await expect(
      unpack('a@1.0.0', await toTarball([[{ name: 'package/x.js' }, '']]), limits),
    ).rejects.toMatchObject(message('it has no package.json'))
  })
})
