/**
 * The oldest senders: Python with pika, whose body is `str({...})`, without id, time or type. Where there is no
 * python3-pika, another client sends the very bytes.
 */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { connect } from 'amqplib'
import type { Json } from '../../runtime/json.ts'

const python = ['/usr/bin/python3', 'python3'].find(
  (file) => spawnSync(file, ['-c', 'import pika']).status === 0,
)
export const pikaMissing = python === undefined

const script = `
import sys, pika
connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
channel = connection.channel()
for i in range(3):
    body = str({'host': 'web 1', 'at': 1391784900 + i, 'cpu': i / 4, 'ok': i > 0, 'gone': None, "it's": 'said "so"', 'list': [1, -2.5e-07, ('a',)], 'ort': 'Köln'})
    channel.basic_publish(exchange='', routing_key=sys.argv[2], body=body)
connection.close()
`
/** The same as Python writes them. */
const bodies = [0, 1, 2].map(
  (i) =>
    `{'host': 'web 1', 'at': ${1_391_784_900 + i}, 'cpu': ${['0.0', '0.25', '0.5'][i]}, 'ok': ${i > 0 ? 'True' : 'False'}, 'gone': None, "it's": 'said "so"', 'list': [1, -2.5e-07, ('a',)], 'ort': 'Köln'}`,
)
/** What they mean. */
export const pikaFacts: { [field: string]: Json; at: number }[] = [0, 1, 2].map((i) => ({
  host: 'web 1',
  at: 1_391_784_900 + i,
  cpu: i / 4,
  ok: i > 0,
  gone: null,
  "it's": 'said "so"',
  list: [1, -2.5e-7, ['a']],
  ort: 'Köln',
}))

/** Three dicts. */
export async function sendByPika(url: string, queue: string): Promise<void> {
  if (python !== undefined) {
    await promisify(execFile)(python, ['-c', script, url, queue])
    return
  }
  const connection = await connect(url)
  const channel = await connection.createConfirmChannel()
  for (const body of bodies) channel.sendToQueue(queue, Buffer.from(body))
  await channel.waitForConfirms()
  await connection.close()
}
