export interface Block {
  id: string
  event: string
  data: string
}
const maxBlock = 4_000_000

/** Server-sent events of a response body, those that have data. */
export async function* toBlocks(body: ReadableStream<Uint8Array>): AsyncIterable<Block> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const part of body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(part, { stream: true })
    const blocks = text.split('\n\n')
    text = (blocks.pop() ?? '').slice(0, maxBlock)
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => {
          const colon = line.indexOf(': ')
          return [line.slice(0, colon), line.slice(colon + 2)]
        }),
      )
      const data = fields.get('data')
      if (data !== undefined) yield { id: fields.get('id') ?? '', event: fields.get('event') ?? '', data }
    }
  }
}
