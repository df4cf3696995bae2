/**
 * AMQP 0-9-1 frames as a proxy between client and broker sees them: split from the bytes of one direction, named by
 * what they do, and made by hand, to say to one side what the other would say after a fault.
 */
export interface Frame {
  bytes: Buffer
  type: number
  channel: number
  /** Class and method of a method frame, as `60.20`; '' of others. */
  method: string
}

const methodType = 1
const headerType = 2
const bodyType = 3
const frameEnd = 0xce
/** `AMQP` and the version, once at the beginning of what a client says. */
const greeting = 8

/** Whole frames of what was fed so far; what is left of one waits for more. `greets`: of the client's direction. */
export function createSplitter(greets: boolean): (chunk: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0)
  let greeted = !greets
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const frames: Frame[] = []
    if (!greeted && rest.length >= greeting) {
      greeted = true
      frames.push({ bytes: rest.subarray(0, greeting), type: 0, channel: 0, method: '' })
      rest = rest.subarray(greeting)
    }
    while (greeted && rest.length >= 7) {
      const length = rest.readUInt32BE(3) + 8
      if (rest.length < length) break
      const type = rest[0]!
      const method = type === methodType ? `${rest.readUInt16BE(7)}.${rest.readUInt16BE(9)}` : ''
      frames.push({ bytes: rest.subarray(0, length), type, channel: rest.readUInt16BE(1), method })
      rest = rest.subarray(length)
    }
    return frames
  }
}

/** Whether a message is half said on its channel: between the method that announces it and its last byte. */
export function createContentWatch(): (frame: Frame) => boolean {
  let left = 0
  return ({ bytes, type, method }) => {
    if (method === '60.60' || method === '60.50') left = Infinity
    else if (type === headerType) left = Number(bytes.readBigUInt64BE(11))
    else if (type === bodyType) left -= bytes.length - 8
    return left > 0
  }
}

/** The tag in a `consume-ok`. */
export function getConsumerTag({ bytes }: Frame): string {
  return bytes.toString('latin1', 12, 12 + bytes[11]!)
}

/** An acknowledgement of a message that never was: the broker answers by closing the channel. */
export function makeWrongAck(channel: number): Buffer {
  const tag = Buffer.alloc(9)
  tag.writeBigUInt64BE(0x7fff_ffffn)
  return makeMethod(channel, 60, 80, tag)
}
/** As the broker cancels a consumer whose queue goes to another node. */
export function makeCancel(channel: number, consumerTag: string): Buffer {
  const tag = Buffer.from(consumerTag, 'latin1')
  return makeMethod(channel, 60, 30, Buffer.concat([Buffer.from([tag.length]), tag, Buffer.from([1])]))
}

function makeMethod(channel: number, family: number, method: number, rest: Buffer): Buffer {
  const frame = Buffer.alloc(12 + rest.length)
  frame[0] = methodType
  frame.writeUInt16BE(channel, 1)
  frame.writeUInt32BE(4 + rest.length, 3)
  frame.writeUInt16BE(family, 7)
  frame.writeUInt16BE(method, 9)
  rest.copy(frame, 11)
  frame[frame.length - 1] = frameEnd
  return frame
}
