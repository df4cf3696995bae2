/** Whether a bundle runs without Node: it is imported once, in a fresh isolate that has nothing else. */
import { AppError } from '../error.ts'
import { importCall } from '../guest/module-names.ts'
import type { Sandboxes } from '../sandbox/port.ts'

const limits = { cpuMs: 10_000, wallMs: 20_000 }

export async function checkRuns(
  sandboxes: Pick<Sandboxes, 'open'>,
  workspace: string,
  name: string,
  code: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const sandbox = await sandboxes.open({
    workspace,
    limits,
    host: { [importCall]: () => Promise.resolve({ value: null, binary: [code] }) },
    onOutput: () => undefined,
  })
  const stop = (): void => void sandbox.close().catch(() => undefined)
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    const source = `Object.keys(await import(${JSON.stringify(name)})).length`
    const { status, error } = await sandbox.execute({ id: 'check', label: '1', source })
    if (status !== 'ok')
      throw new AppError(
        'unsupported',
        `${error?.message.slice(0, 500) ?? `${name} does not run in a notebook`}. It was not added; take a package that is made for browsers too.`,
      )
  } finally {
    signal.removeEventListener('abort', stop)
    await sandbox.close()
  }
}
