import { lazy, Suspense } from 'react'
import Markdown from 'react-markdown'
import gfm from 'remark-gfm'
import { markdownOptions } from './markdown-options.tsx'

/** KaTeX and its fonts come with the first formula. */
const MathMarkdown = lazy(() => import('./markdown-math.tsx'))

export function MarkdownText({ text }: { text: string }) {
  const plain = (
    <Markdown {...markdownOptions} remarkPlugins={[gfm]}>
      {text}
    </Markdown>
  )
  return (
    <div className="markdown">
      {/\$[^$]/.test(text) ? (
        <Suspense fallback={plain}>
          <MathMarkdown text={text} />
        </Suspense>
      ) : (
        plain
      )}
    </div>
  )
}
