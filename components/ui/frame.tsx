'use client'
/** The frame of every page: the rail (a bottom bar on small screens), the page, and the status line that is alive. */
import {
  AppShell,
  Drawer,
  UnstyledButton,
  VisuallyHidden,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { useDisclosure, useLocalStorage, useMediaQuery } from '@mantine/hooks'
import {
  IconCommand,
  IconDots,
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconMoon,
  IconSun,
} from '@tabler/icons-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { type ReactNode, useEffect, useState } from 'react'
import { useApi } from './api.ts'
import { AskDialog } from './ask.tsx'
import { useWorkspaceEvents } from './live.ts'
import { Logo } from './logo.tsx'
import { openPalette, Palette } from './palette.tsx'
import { whenIdle } from './idle.ts'
import { isHere, places, type Place } from './places.ts'
import { StatusLine } from './status-line.tsx'

export function Frame({ children }: { children: ReactNode }) {
  const path = usePathname()
  if (path === '/sign-in') return <main className="bare">{children}</main>
  // By a link: there may be no account, and there is no workspace to show.
  if (path.startsWith('/shared/')) return children
  return <Shell path={path}>{children}</Shell>
}

function Shell({ path, children }: { path: string; children: ReactNode }) {
  const small = useMediaQuery('(max-width: 48em)', false)
  const [folded, setFolded] = useLocalStorage({ key: 'suricate-rail-folded', defaultValue: false })
  const [more, moreState] = useDisclosure(false)
  const overview = useApi('getOverview', {}, { refetchInterval: 3000 })
  useWorkspaceEvents(true)
  const openAlerts = overview.data?.watches.openAlerts ?? 0
  // other places are fetched ahead when this one is there
  const [ahead, setAhead] = useState(false)
  useEffect(() => whenIdle(() => setAhead(true)), [])
  const scheme = <SchemeButton folded={folded && !small} />
  const link = (place: Place, bare = false) => (
    <RailLink
      key={place.href}
      place={place}
      here={isHere(place, path)}
      bare={bare}
      count={place.href === '/alerts' ? openAlerts : 0}
      ahead={ahead}
      onClick={moreState.close}
    />
  )
  return (
    <AppShell
      padding={0}
      navbar={{ width: folded ? 56 : 184, breakpoint: 'sm', collapsed: { mobile: true } }}
      footer={{ height: small ? 56 : 28 }}
      transitionDuration={0}
    >
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <AppShell.Navbar className="rail" data-folded={folded || undefined} aria-label="Places">
        <Link href="/" className="rail-brand" aria-label="Suricate, overview">
          <Logo /> {!folded && <span>Suricate</span>}
        </Link>
        <nav className="rail-links">{places.map((place) => link(place, folded))}</nav>
        <div className="rail-foot">
          <UnstyledButton
            className="rail-link"
            onClick={openPalette}
            aria-label={folded ? 'Find' : undefined}
            aria-keyshortcuts="Control+K Meta+K"
          >
            <IconCommand size={18} stroke={1.6} /> {!folded && <span>Find</span>}
            {!folded && <kbd>⌘K</kbd>}
          </UnstyledButton>
          {scheme}
          <UnstyledButton
            className="rail-link"
            onClick={() => setFolded(!folded)}
            aria-label={folded ? 'Unfold the rail' : 'Fold the rail'}
          >
            {folded ? (
              <IconLayoutSidebarLeftExpand size={18} stroke={1.6} />
            ) : (
              <IconLayoutSidebarLeftCollapse size={18} stroke={1.6} />
            )}
            {!folded && <span>Fold</span>}
          </UnstyledButton>
        </div>
      </AppShell.Navbar>
      <AppShell.Main id="page" className="page">
        {children}
      </AppShell.Main>
      <AppShell.Footer className={small ? 'bottom-bar' : 'status-line'}>
        {small ? (
          <nav aria-label="Places">
            {places.filter((place) => place.first).map((place) => link(place))}
            <UnstyledButton className="rail-link" onClick={moreState.open}>
              <IconDots size={20} stroke={1.6} />
              <span>More</span>
            </UnstyledButton>
          </nav>
        ) : (
          <StatusLine overview={overview.data} failing={overview.isError} />
        )}
      </AppShell.Footer>
      <Drawer opened={more} onClose={moreState.close} position="bottom" title="More" size="auto">
        <nav className="more" aria-label="More places">
          {places.filter((place) => !place.first).map((place) => link(place))}
          {scheme}
        </nav>
      </Drawer>
      <Palette />
      <AskDialog />
    </AppShell>
  )
}

function RailLink(props: {
  place: Place
  here: boolean
  bare: boolean
  count: number
  /** Its page is fetched before it is asked for. */
  ahead: boolean
  onClick: () => void
}) {
  const { place, count } = props
  const Mark = place.icon
  const words = count > 0 ? `${place.label}, ${count} open` : place.label
  return (
    <Link
      href={place.href}
      {...(!props.ahead && { prefetch: false })}
      className="rail-link"
      aria-current={props.here ? 'page' : undefined}
      aria-label={props.bare ? words : undefined}
      title={props.bare ? words : undefined}
      onClick={props.onClick}
    >
      <Mark size={18} stroke={1.6} aria-hidden />
      {!props.bare && <span>{place.label}</span>}
      {count > 0 && (
        <b className="rail-count">
          {count > 99 ? '99+' : count}
          <VisuallyHidden> open</VisuallyHidden>
        </b>
      )}
    </Link>
  )
}

function SchemeButton({ folded }: { folded: boolean }) {
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: true })
  const other = scheme === 'dark' ? 'light' : 'dark'
  return (
    <UnstyledButton
      className="rail-link"
      onClick={() => setColorScheme(other)}
      aria-label={`Use the ${other} theme`}
    >
      {scheme === 'dark' ? <IconSun size={18} stroke={1.6} /> : <IconMoon size={18} stroke={1.6} />}
      {!folded && <span>{other === 'dark' ? 'Dark' : 'Light'}</span>}
    </UnstyledButton>
  )
}
