/** Takes as many messages from a queue with amqplib alone, without acknowledging; prints messages a second as JSON. */
import { connect } from 'amqplib'

const [url = '', queue = '', wanted = '0'] = process.argv.slice(2)
const connection = await connect(url, { noDelay: true })
const channel = await connection.createChannel()
let taken = 0
let begin = 0
const { promise, resolve } = Promise.withResolvers<void>()
await channel.consume(
  queue,
  () => {
    if (taken++ === 0) begin = performance.now()
    if (taken === Number(wanted)) resolve()
  },
  { noAck: true },
)
await promise
const rate = (taken * 1000) / (performance.now() - begin)
await connection.close()
console.log(JSON.stringify({ rate }))
