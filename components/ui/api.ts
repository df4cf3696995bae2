/**
 * The pages' one way to the server: the typed client over the session cookie, with TanStack Query for what is read.
 * A query's key begins with the tag of its operation, so that a live event about a tag renews all that shows it.
 */
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient, type UseQueryOptions } from '@tanstack/react-query'
import { ApiError, createClient, type Input, type Result } from '../../runtime/api/client.ts'
import { operations, type OperationId } from '../../runtime/api/operations.ts'

export const client = createClient({ base: '', fetch: send })

export async function send(url: string | URL | Request, init?: RequestInit): Promise<Response> {
  const headers = new Headers(init?.headers)
  headers.set('x-suricate', '1')
  const response = await fetch(url, { ...init, headers, credentials: 'same-origin' })
  if (response.status === 401) toSignIn()
  return response
}
export function toSignIn(): void {
  if (location.pathname === '/sign-in') return
  location.assign(`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`)
}

export type QueryOptions = Pick<
  UseQueryOptions,
  'enabled' | 'refetchInterval' | 'staleTime' | 'placeholderData' | 'gcTime' | 'retry'
>
export function useApi<Id extends OperationId>(id: Id, input: Input<Id>, options: QueryOptions = {}) {
  return useQuery<Result<Id>>({
    ...(options as object),
    queryKey: keyOf(id, input),
    queryFn: ({ signal }) => client.request(id, withSignal(input, signal)) as Promise<Result<Id>>,
  })
}
const withSignal = (input: unknown, signal: AbortSignal): object => ({ ...(input as object), signal })
export function keyOf(id: OperationId): unknown[]
export function keyOf<Id extends OperationId>(id: Id, input: Input<Id>): unknown[]
export function keyOf(id: OperationId, input?: unknown): unknown[] {
  return input === undefined ? [operations[id].tag, id] : [operations[id].tag, id, input]
}

/** A call that changes something: errors are shown, the tag's queries are read again. */
export function useAct<Id extends OperationId>(
  id: Id,
  options: { done?: (result: Result<Id>) => void; said?: string; failed?: (error: unknown) => boolean } = {},
) {
  const queries = useQueryClient()
  return useMutation<Result<Id>, unknown, Input<Id>>({
    mutationFn: (input) => client.call(id, input),
    onSuccess: (result) => {
      if (options.said) notifications.show({ message: options.said, autoClose: 2500 })
      void queries.invalidateQueries({ queryKey: [operations[id].tag] })
      options.done?.(result)
    },
    onError: (error) => {
      if (!options.failed?.(error)) showError(error)
    },
  })
}
export function toText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
export function statusOf(error: unknown): number {
  return error instanceof ApiError ? error.problem.status : 0
}
export function showError(error: unknown, title = 'That did not work'): void {
  if (statusOf(error) === 401) return
  notifications.show({ color: 'red', title, message: toText(error), autoClose: 8000 })
}
