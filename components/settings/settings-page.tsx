'use client'
import { Button } from '@mantine/core'
import { send, useApi } from '../ui/api.ts'
import { toBytes } from '../ui/format.ts'
import { Facts, PageHead, Section, Waiting } from '../ui/parts.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { Egress } from './egress.tsx'
import { Tokens } from './tokens.tsx'
import { Workspaces } from './workspaces.tsx'

export function SettingsPage() {
  const me = useApi('getMe', {})
  const settings = useApi('getSettings', {})
  const isAdmin = me.data?.scopes.includes('admin') ?? false
  const signOut = () =>
    void send('/api/session', { method: 'DELETE' }).finally(() => location.assign('/sign-in'))
  return (
    <>
      <PageHead
        crumbs={[{ label: 'Settings' }]}
        note={me.data && `${me.data.name}, ${me.data.role} of ${me.data.workspace.name}`}
      >
        <Button variant="default" onClick={signOut}>
          Sign out
        </Button>
      </PageHead>
      <div className="body">
        {isAdmin && (
          <Section title="Tokens" aside="for the API and the command line">
            <Tokens />
          </Section>
        )}
        {!settings.data ? (
          <Waiting query={settings} />
        ) : (
          <>
            <Section title="Egress" aside="what notebooks and streams may reach besides the public web">
              <Egress allow={settings.data.egress} editable={isAdmin} />
            </Section>
            <Section title="Usage">
              <Facts
                items={[
                  ['Documents', toBytes(settings.data.usage.documents)],
                  ['Message log', toBytes(settings.data.usage.log)],
                  ['Files', toBytes(settings.data.usage.blobs)],
                ]}
              />
            </Section>
            <Section title="Sandbox">
              <Facts
                items={[
                  ['Wrappers', settings.data.sandbox.mode],
                  [
                    'Missing',
                    settings.data.sandbox.missing.length === 0 ? (
                      <StateMark key="m" state="ready" label="none" />
                    ) : (
                      <StateMark key="m" state="warning" label={settings.data.sandbox.missing.join(', ')} />
                    ),
                  ],
                  ['Suricate', settings.data.version],
                ]}
              />
            </Section>
          </>
        )}
        {me.data?.platformOwner && (
          <Section title="Workspaces">
            <Workspaces />
          </Section>
        )}
      </div>
    </>
  )
}
