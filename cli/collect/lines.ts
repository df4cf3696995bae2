const maxLine = 4_000_000

/** Lines of a byte stream; what is longer than the bound is cut there. */
export async function* toLines(input: AsyncIterable<Buffer>): AsyncIterable<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const part of input) {
    text += decoder.decode(part, { stream: true })
    const lines = text.split('\n')
    text = (lines.pop() ?? '').slice(0, maxLine)
    yield* lines
  }
  if (text !== '') yield text
}
