/** What the tests need besides npm packages: RabbitMQ, Chromium and Python's pika, from Debian's packages when root. */
import { existsSync } from 'node:fs'
import { spawnSync } from 'node:child_process'

const needs = [
  {
    name: 'RabbitMQ',
    package: 'rabbitmq-server',
    found: () => existsSync('/usr/lib/rabbitmq/bin/rabbitmq-server'),
  },
  {
    name: 'Chromium',
    package: 'chromium',
    found: () => existsSync('/usr/bin/chromium') || Boolean(process.env.SURICATE_CHROMIUM),
  },
  {
    name: 'pika',
    package: 'python3-pika',
    found: () =>
      ['/usr/bin/python3', 'python3'].some((file) => spawnSync(file, ['-c', 'import pika']).status === 0),
    without: 'its bytes come from another client',
  },
]

/** Returns the sentences to print for what is missing and could not be installed. */
export function provideServices() {
  const missing = needs.filter((need) => !need.found())
  if (missing.length === 0) return []
  const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (canInstall) {
    const names = missing.map((need) => need.package)
    console.log(`Installing ${names.join(' and ')} from Debian's packages …`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env, timeout: 180_000 })
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env,
      timeout: 600_000,
    })
  }
  return missing
    .filter((need) => !need.found())
    .map(
      (need) =>
        `${need.name} is not here${canInstall ? ' and apt-get could not install it' : `; install ${need.package}`}: ${need.without ?? 'its tests are skipped'}.`,
    )
}
