/** The editor as it is once it has loaded. */
import type * as Monaco from 'monaco-editor'
import type { LanguageClient } from './client.ts'

export type MonacoApi = typeof Monaco
export interface Loaded {
  monaco: MonacoApi
  language: LanguageClient
}
