/**
 * Where the server is and with which token: SURICATE_URL and SURICATE_TOKEN, else what `login` kept in the user's
 * configuration folder, in a file that nobody else may read.
 */
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Fault } from './fault.ts'

export interface Settings {
  url: string
  token: string | undefined
}
type Environment = { [name: string]: string | undefined }
const fallback = 'http://127.0.0.1:3000'

export function settingsFolder(environment: Environment): string {
  const base =
    environment['XDG_CONFIG_HOME'] ||
    (process.platform === 'win32' ? environment['APPDATA'] : undefined) ||
    join(homedir(), '.config')
  return join(base, 'suricate')
}

export function readSettings(environment: Environment): Settings {
  const kept = readKept(environment)
  const url = environment['SURICATE_URL'] || kept.url || fallback
  // a token that was kept for one server is not told to another
  const own = kept.url === undefined || kept.url === toUrl(url) ? kept.token : undefined
  return { url: toUrl(url), token: environment['SURICATE_TOKEN'] || own }
}

export function keepSettings(environment: Environment, settings: Settings): string {
  const folder = settingsFolder(environment)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'settings.json')
  const next = `${path}.${process.pid}`
  writeFileSync(next, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 })
  chmodSync(next, 0o600)
  renameSync(next, path)
  return path
}

function readKept(environment: Environment): Partial<Settings> {
  const path = join(settingsFolder(environment), 'settings.json')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return {}
  }
  try {
    const { url, token } = JSON.parse(text) as Partial<Settings>
    return { ...(url ? { url } : {}), ...(token ? { token } : {}) }
  } catch {
    throw new Fault(`${path} is no JSON. Sign in again: suricate login ADDRESS`)
  }
}

/** Without what follows the port. */
export function toUrl(text: string): string {
  const url = URL.parse(/^https?:\/\//.test(text) ? text : `http://${text}`)
  if (!url) throw new Fault(`"${text}" is no address; one looks like ${fallback}.`)
  return url.origin
}
