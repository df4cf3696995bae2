import Markdown from 'react-markdown'
import gfm from 'remark-gfm'

const allowed = /^(https?:|mailto:|#|\/(?!\/))/i
/** Markdown with raw HTML off; links lead to http, https and mailto alone. */
export function MarkdownText({ text }: { text: string }) {
  return (
    <div className="markdown">
      <Markdown
        remarkPlugins={[gfm]}
        skipHtml
        urlTransform={(url) => (allowed.test(url.trim()) ? url : '')}
        components={{
          a: ({ href, children }) =>
            href ? (
              <a href={href} target="_blank" rel="noreferrer noopener">
                {children}
              </a>
            ) : (
              <span>{children}</span>
            ),
          img: ({ alt }) => <em>{alt}</em>,
        }}
      >
        {text}
      </Markdown>
    </div>
  )
}
