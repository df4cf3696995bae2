// %% [markdown]
// # Stand guard
// Holds the live stream in windows of one hour against the champion of `machine temperature`. An abnormal hour raises an
// alert and calls the receiver's webhook, at most once in twelve hours of event time.

// %%
const { receiver, cooldown } = parameters({
  receiver: { default: '', description: 'address of the webhook; empty: no webhook' },
  cooldown: { default: '12 h', description: 'event time without a further alert' },
})
const champion = await models.load('machine temperature@champion')
const level = champion.model as unknown as { median: number[]; mad: number[]; threshold: number }
const { threshold } = level
show({ model: champion.name, version: champion.version, threshold })

// %%
await streams.on('machine temperature', { window: { type: 'tumbling', size: '1 h' } }, async ({ window, messages }) => {
  const values = messages.map((message) => Number((message.body as { value: unknown }).value)).filter(Number.isFinite)
  if (values.length < 6) return
  const value = Math.max(...values)
  const score = learn.robustZ.score(level, [value])[0]!
  if (score >= threshold) {
    const hour = new Date(window.start).toISOString().slice(0, 16).replace('T', ' ')
    const model = { name: champion.name, version: champion.version }
    const details = { hour, value, score, threshold }
    await act.alert('Machine temperature is abnormal', { severity: 'critical', key: 'machine temperature', cooldown, model, details })
    if (receiver) await act.webhook(receiver, { title: 'Machine temperature is abnormal', ...details }, { key: 'machine temperature webhook', cooldown, model })
  }
  return { value, score, threshold }
})
