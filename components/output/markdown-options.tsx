import type { Options } from 'react-markdown'

const allowed = /^(https?:|mailto:|#|\/(?!\/))/i
/** Raw HTML off; links lead to http, https and mailto alone. */
export const markdownOptions = {
  skipHtml: true,
  urlTransform: (url) => (allowed.test(url.trim()) ? url : ''),
  components: {
    a: ({ href, children }) =>
      href ? (
        <a href={href} target="_blank" rel="noreferrer noopener">
          {children}
        </a>
      ) : (
        <span>{children}</span>
      ),
    img: ({ alt }) => <em>{alt}</em>,
  },
} satisfies Options
