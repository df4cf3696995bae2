/** `suricate login`: keeps an address and a token, after the server has taken it. The token is never an argument. */
import { createInterface } from 'node:readline'
import { createClient } from '../runtime/api/client.ts'
import { type Command, type Context, say } from './context.ts'
import { Fault } from './fault.ts'
import { parseFlags } from './flags.ts'
import { keepSettings, toUrl } from './settings.ts'

export const login: Command = {
  help: `suricate login ADDRESS   keeps the address and a token for the other commands

The token is read from SURICATE_TOKEN or from stdin. SURICATE_URL and SURICATE_TOKEN win over what is kept.`,
  async run(context, args) {
    const { positional } = parseFlags(args, { help: 'switch' })
    const url = toUrl(positional[0] ?? context.settings.url)
    const token = context.environment['SURICATE_TOKEN'] || (await ask(context))
    if (!token) throw new Fault('There is no token. Make one on the settings page, and give it on stdin.')
    const me = await createClient({ base: url, token }).call('getMe', {})
    const path = keepSettings(context.environment, { url, token })
    say(context, `Signed in to ${url} as ${me.name} (${me.role}); kept in ${path}`)
    return 0
  },
}

async function ask(context: Context): Promise<string> {
  context.notes.write('Token: ')
  for await (const line of createInterface({ input: context.input, signal: context.signal }))
    return line.trim()
  return ''
}
