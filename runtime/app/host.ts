/**
 * What a notebook can call in an App view. Through a link it reads and changes nothing: whoever has the link decides
 * when and how often it runs, so what it may call is listed here, and anything else is refused by name.
 */
import { AppError } from '../error.ts'
import { isJsonObject, type Json } from '../json.ts'
import type { HostFunction, HostTable } from '../sandbox/port.ts'

const reading = [
  'objects.list',
  'objects.get',
  'objects.bytes',
  'objects.table',
  'sql',
  'streams.list',
  'streams.recent',
  'streams.between',
  'streams.on',
  'models.load',
  'models.list',
  'fetch',
  'parts.send',
  'parameters.declare',
  'result.given',
]

export function toAppHost(host: HostTable, shared: boolean): HostTable {
  const table: { [name: string]: HostFunction } = Object.create(null)
  for (const [name, call] of Object.entries(host))
    if (name === 'tables.keep') table[name] = () => Promise.resolve({ value: null })
    else if (!shared) table[name] = call
    else if (name === 'fetch') table[name] = (args, given) => (checkFetch(args), call(args, given))
    else if (reading.includes(name)) table[name] = call
    else table[name] = () => Promise.reject(refuse(name))
  return Object.freeze(table)
}

function refuse(name: string): AppError {
  return new AppError(
    'forbidden',
    `${name} is not allowed in an app that is shared by a link: it only reads.`,
  )
}
function checkFetch([, init]: Json[]): void {
  const method = isJsonObject(init) ? (init['method'] ?? 'GET') : 'GET'
  if (typeof method !== 'string' || !/^(get|head)$/i.test(method))
    throw refuse(`fetch with ${String(method)}`)
}
