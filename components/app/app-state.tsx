'use client'
import { Alert, Button, Skeleton } from '@mantine/core'
import { AppView } from './app-view.tsx'
import type { AppControl } from './use-app.ts'

/** The app, or why there is none. */
export function AppOrState({ control }: { control: AppControl }) {
  const { app, ended } = control
  if (ended !== null)
    return (
      <div className="pad">
        <Alert color="gray" title="This app is not open">
          <p>{ended}</p>
          <Button variant="default" mt={8} onClick={control.reopen}>
            Open it again
          </Button>
        </Alert>
      </div>
    )
  if (!app)
    return (
      <div className="pad" aria-busy="true" aria-label="Opening the app">
        {[80, 60, 70].map((width) => (
          <Skeleton key={width} height={16} mb={12} width={`${width}%`} />
        ))}
      </div>
    )
  return <AppView key={app.id} app={app} control={control} />
}
