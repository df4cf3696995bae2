'use client'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { statusOf } from './api.ts'
import { theme } from './theme.ts'

export function Providers({ children }: { children: ReactNode }) {
  const [queries] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: {
            staleTime: 2_000,
            retry: (count, error) => {
              const status = statusOf(error)
              return (status === 0 || status >= 500) && count < 2
            },
            refetchOnWindowFocus: true,
          },
        },
      }),
  )
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <Notifications position="bottom-right" limit={4} zIndex={400} />
        {children}
      </QueryClientProvider>
    </MantineProvider>
  )
}
