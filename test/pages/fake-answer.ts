import type { OperationId } from '../../runtime/api/operations.ts'

export interface Call {
  params: Record<string, string>
  query: Record<string, string>
  body: Record<string, unknown>
  request: Request
}
export type Answers = Partial<Record<OperationId, (call: Call) => unknown>>
export class Fault extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, detail: string) {
    super(detail)
    this.status = status
    this.code = code
  }
}
