/**
 * The one way out of Suricate for what notebooks, streams and actions name (SANDBOX.md, Egress). Every address is
 * checked as a literal, after resolution and on the connected socket. Errors: `refused` (and how to allow it),
 * `timeout`, `too-large`, `unavailable`, `invalid`.
 */
export interface EgressRequest {
  method?: string
  headers?: { [name: string]: string }
  body?: string | Uint8Array
  timeoutMs?: number
  maxBytes?: number
  /** false: resolves with the status and headers, without a body (webhooks). */
  readBody?: boolean
  signal?: AbortSignal
}
export interface EgressResponse {
  url: string
  status: number
  headers: { [name: string]: string }
  body: Uint8Array
}
export interface Download {
  /** Of the decoded bytes; too-large beyond it. */
  maxBytes: number
  signal?: AbortSignal
  /** Reads the answer as it arrives; what it throws ends the download. */
  take: (chunks: AsyncIterable<Uint8Array>, head: Pick<EgressResponse, 'status' | 'headers'>) => Promise<void>
}
export interface Egress {
  /** `workspace` for its own allow-list and its quota of requests a minute. */
  fetch(workspace: string, url: string, request?: EgressRequest): Promise<EgressResponse>
  /** The same guard for what is large: `take` is called for an answer of 2xx alone, anything else is `unavailable`. */
  download(workspace: string, url: string, download: Download): Promise<void>
  /** The checked address to connect to for a host and port (AMQP); keep the name for TLS. */
  resolve(workspace: string, host: string, port: number): Promise<{ address: string; family: 4 | 6 }>
  /** The workspace's exact host:port pairs besides the operator's SURICATE_EGRESS_ALLOW. */
  allowed(workspace: string): Promise<string[]>
  /** Replaces the workspace's pairs. */
  allow(workspace: string, pairs: string[]): Promise<string[]>
  close(): Promise<void>
}
