/** Markdown with formulas between dollars, drawn by KaTeX from our own bundle; what acts stays off. */
import 'katex/dist/katex.min.css'
import Markdown from 'react-markdown'
import katex from 'rehype-katex'
import gfm from 'remark-gfm'
import math from 'remark-math'
import { markdownOptions } from './markdown-options.tsx'

/** `trust` off: no links, no addresses, no HTML of its own; a formula that grows too far is shown as its text. */
const options = {
  trust: false,
  maxExpand: 500,
  maxSize: 20,
  strict: 'ignore',
  output: 'htmlAndMathml',
} as const

export default function MathMarkdown({ text }: { text: string }) {
  return (
    <Markdown {...markdownOptions} remarkPlugins={[gfm, math]} rehypePlugins={[[katex, options]]}>
      {text}
    </Markdown>
  )
}
