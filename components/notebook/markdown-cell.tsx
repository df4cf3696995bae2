import { MarkdownText } from '../output/markdown.tsx'

export function MarkdownCell({ source }: { source: string }) {
  return <MarkdownText text={source} />
}
