/** The style of exported pages, light and dark by the reader's setting. */
export const htmlStyle = `
:root { color-scheme: light dark; --line: #d8dbe0; --dim: #5a6270; --code: #f5f6f8; --link: #0b5fb0; --red: #b3261e; --key: #8b2fa0; --text: #1f6f3f; --num: #9a5300 }
@media (prefers-color-scheme: dark) { :root { --line: #3a404a; --dim: #a3abb8; --code: #1c2026; --link: #79b8ff; --red: #ff8a80; --key: #d9a5ec; --text: #8fd6a6; --num: #f0b878 } body { background: #14171b; color: #e4e7eb } }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif }
main { max-width: 900px; margin: 0 auto; padding: 24px 16px 64px }
a { color: var(--link) }
pre { overflow: auto; margin: 0; font: 13px/1.5 ui-monospace, monospace }
.code { background: var(--code); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px; tab-size: 2 }
.cell { margin: 16px 0 }
.outputs > * { margin: 8px 0 }
.text { white-space: pre-wrap; overflow-wrap: anywhere }
.stderr { color: var(--dim) }
.error { color: var(--red) }
.table, .markdown { overflow: auto }
table { border-collapse: collapse; font-size: 14px }
td, th { padding: 3px 10px; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap }
iframe { width: 100%; height: 160px; border: 0; background: #fff }
img { max-width: 100% }
.figure { height: 420px; background: #fff }
.hljs-keyword, .hljs-literal, .hljs-built_in { color: var(--key) }
.hljs-string, .hljs-regexp { color: var(--text) }
.hljs-number { color: var(--num) }
.hljs-comment { color: var(--dim); font-style: italic }
.hljs-title, .hljs-type { color: var(--link) }
`
