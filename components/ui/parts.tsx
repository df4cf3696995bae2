/** Small parts that every page is made of. */
import { ActionIcon, Alert, Breadcrumbs, Button, CopyButton, Skeleton, Tooltip } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconCopy } from '@tabler/icons-react'
import Link from 'next/link'
import { useEffect, useState, type ReactNode } from 'react'
import { statusOf, toText } from './api.ts'
import { toAgo, toTime } from './format.ts'

export interface Crumb {
  label: string
  href?: string
}
/** The one header line of a page: where one is, and what can be done here. */
export function PageHead(props: { crumbs: Crumb[]; note?: ReactNode; children?: ReactNode }) {
  const last = props.crumbs.at(-1)!
  useEffect(() => {
    document.title = `${last.label} · Suricate`
  }, [last.label])
  return (
    <header className="page-head">
      <Breadcrumbs separator="/" separatorMargin={6} className="page-path">
        {props.crumbs.slice(0, -1).map((crumb) => (
          <Link key={crumb.label} href={crumb.href ?? '/'} className="quiet-link">
            {crumb.label}
          </Link>
        ))}
        <h1>{last.label}</h1>
      </Breadcrumbs>
      {props.note && <div className="page-note">{props.note}</div>}
      <div className="page-actions">{props.children}</div>
    </header>
  )
}

/** What to show while a query has no data: nothing for 200 ms, then a skeleton, or what went wrong. */
export function Waiting({
  query,
  lines = 6,
}: {
  query: { error: unknown; refetch(): unknown }
  lines?: number
}) {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 200)
    return () => clearTimeout(timer)
  }, [])
  if (query.error) return <Failure error={query.error} again={() => query.refetch()} />
  if (!slow) return <div className="pad" aria-busy />
  return (
    <div className="pad" aria-busy aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        <Skeleton key={index} height={16} mb={12} width={`${90 - ((index * 17) % 40)}%`} />
      ))}
    </div>
  )
}
export function Failure({ error, again }: { error: unknown; again?: () => unknown }) {
  if (statusOf(error) === 401) return null
  const missing = statusOf(error) === 404
  return (
    <div className="pad">
      <Alert
        color={missing ? 'gray' : 'red'}
        icon={<IconAlertTriangle size={18} />}
        title={missing ? 'Not found' : 'This could not be read'}
      >
        <p>{toText(error)}</p>
        {again && !missing && (
          <Button variant="default" mt={8} onClick={() => void again()}>
            Try again
          </Button>
        )}
      </Alert>
    </div>
  )
}
/** An empty page says what to do next. */
export function Empty({
  title,
  children,
  action,
}: {
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action && <div className="empty-action">{action}</div>}
    </div>
  )
}
/** Relative time; the absolute one on hover. */
export function Ago({ at }: { at: number | null | undefined }) {
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 10_000)
    return () => clearInterval(timer)
  }, [])
  if (at === null || at === undefined) return <span className="dim">–</span>
  return (
    <time dateTime={new Date(at).toISOString()} title={toTime(at)} suppressHydrationWarning>
      {toAgo(at)}
    </time>
  )
}
export function Copy({ text, label }: { text: string; label: string }) {
  return (
    <CopyButton value={text} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon onClick={copy} aria-label={label}>
            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  )
}
/** Text to copy as a whole: a command, a token, a definition. */
export function CodeBlock({ text, label }: { text: string; label: string }) {
  return (
    <div className="code-block">
      <pre>{text}</pre>
      <Copy text={text} label={label} />
    </div>
  )
}
export function Section({
  title,
  aside,
  children,
  id,
}: {
  title: string
  aside?: ReactNode
  children: ReactNode
  id?: string
}) {
  return (
    <section className="section" aria-label={title} id={id}>
      <div className="section-head">
        <h2>{title}</h2>
        {aside && <div className="section-aside">{aside}</div>}
      </div>
      {children}
    </section>
  )
}
/** Names beside values. */
export function Facts({ items }: { items: [string, ReactNode][] }) {
  return (
    <dl className="facts">
      {items.map(([key, value]) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
