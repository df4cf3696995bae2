// %% [markdown]
// # Stand guard
// Holds the live stream in windows of one hour against the champion of `machine temperature`. Abnormal hours that lie
// less than twelve hours apart are one episode: it raises one alert and calls the receiver's webhook once.

// %%
const { receiver, quietHours } = parameters({
  receiver: { default: '', description: 'address of the webhook; empty: no webhook' },
  quietHours: { default: 12, min: 1, description: 'hours without an abnormal one that end an episode' },
})
const champion = await models.load('machine temperature@champion')
const level = champion.model as unknown as { median: number[]; mad: number[]; threshold: number }
const { threshold } = level
show({ model: champion.name, version: champion.version, threshold })

// %%
await streams.on('machine temperature', { window: { type: 'tumbling', size: '1 h' } }, async ({ window, messages }, state) => {
  const values = messages.map((message) => Number((message.body as { value: unknown }).value)).filter(Number.isFinite)
  if (values.length < 6) return
  const value = Math.max(...values)
  const score = learn.robustZ.score(level, [value])[0]!
  if (score >= threshold) {
    const last = Number(state.lastAbnormal ?? -Infinity)
    if (window.start - last >= quietHours * 3_600_000) state.since = window.start
    state.lastAbnormal = window.start
    const since = new Date(Number(state.since)).toISOString().slice(0, 16).replace('T', ' ')
    const hour = new Date(window.start).toISOString().slice(0, 16).replace('T', ' ')
    const title = 'Machine temperature is abnormal'
    const details = { hour, since, value, score, threshold }
    const model = { name: champion.name, version: champion.version }
    await act.alert(title, { severity: 'critical', key: `episode ${since}`, fingerprint: `${title} ${since}`, model, details })
    if (receiver) await act.webhook(receiver, { title, ...details }, { key: `episode webhook ${since}`, model })
  }
  return { value, score, threshold }
})
