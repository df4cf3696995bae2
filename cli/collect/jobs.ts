/**
 * What the page sent, one script at a time: it owns the script that runs. A collector that takes none says so to the
 * server and runs nothing, whatever the server allowed.
 */
import type { CollectorJob } from '../../runtime/api/collectors.ts'
import type { Reading } from '../../runtime/api/probe-message.ts'
import type { Context } from '../context.ts'
import type { Registration } from './registration.ts'
import { trace } from './tracer.ts'

export class Jobs {
  private readonly context: Pick<Context, 'notes'>
  private readonly options: { bpftrace: string | undefined; takes: boolean; every: number }
  private registration: Pick<Registration, 'report'> | undefined
  private emit: (job: string, reading: Reading) => void = () => undefined
  private running: { id: string; stop: AbortController; ended: Promise<void> } | undefined

  constructor(context: Pick<Context, 'notes'>, options: Jobs['options']) {
    this.context = context
    this.options = options
  }
  begin(
    registration: Pick<Registration, 'report'> | undefined,
    emit: (job: string, reading: Reading) => void,
  ): void {
    this.registration = registration
    this.emit = emit
  }
  take(job: CollectorJob): void {
    if (job.state === 'waiting' && this.running?.id !== job.id) {
      this.running?.stop.abort()
      const stop = new AbortController()
      this.running = { id: job.id, stop, ended: this.perform(job, stop.signal) }
    } else if (job.state === 'cancelled' && this.running?.id === job.id) this.running.stop.abort()
  }
  async close(): Promise<void> {
    this.running?.stop.abort()
    await this.running?.ended
  }
  private async perform(job: CollectorJob, signal: AbortSignal): Promise<void> {
    const { bpftrace, takes, every } = this.options
    const refusal = !takes
      ? 'This collector takes no scripts; start it with --scripts.'
      : bpftrace === undefined
        ? 'There is no bpftrace on this machine.'
        : undefined
    if (refusal !== undefined || bpftrace === undefined)
      return this.registration?.report(job.id, 'failed', refusal ?? null)
    this.context.notes.write(`Running a script of ${job.by}, ${job.seconds || 'any number of'} seconds.\n`)
    await this.registration?.report(job.id, 'running', null)
    const emit = (reading: Reading): void => this.emit(job.id, reading)
    const error = await trace({ bpftrace, script: job.script, seconds: job.seconds, every, signal, emit })
    if (error !== null) emit({ kind: 'note', level: 'error', text: error })
    await this.registration?.report(job.id, signal.aborted ? 'cancelled' : error ? 'failed' : 'done', error)
  }
}
