/**
 * The log: JSON lines. With a terminal they go to a file in the data folder, so that the terminal stays for people;
 * else to standard error. Secrets never get here: addresses and tokens are masked by whoever logs, and once more here.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pino, type Logger } from 'pino'

export type { Logger }

export function openLog(options: { level: string; folder: string; terminal: boolean; role: string }): Logger {
  const settings = {
    level: options.level,
    base: { role: options.role },
    redact: {
      paths: ['*.password', '*.token', '*.authorization', '*.cookie', '*.url', 'req.headers'],
      censor: '***',
    },
  }
  if (!options.terminal) return pino(settings, pino.destination({ dest: 2, sync: true }))
  const folder = join(options.folder, 'log')
  mkdirSync(folder, { recursive: true })
  return pino(settings, pino.destination({ dest: join(folder, `${options.role}.log`), sync: false }))
}
