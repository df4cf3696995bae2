/**
 * Draws rich outputs in the sandboxed frame: no origin, no network, no inline script (its policy is a header). HTML
 * and SVG lose everything that acts before they are shown, each in a shadow tree of its own; figures are drawn by
 * Plotly, which loads with the first one, and are released while out of sight.
 */
'use strict'
const slots = new Map()
let dark = false
let loading
const forbidden =
  'script,iframe,frame,frameset,object,embed,applet,link,meta,base,form,portal,template,foreignObject,handler,listener,' +
  'animate,animateMotion,animateTransform,set,discard,audio,video,source,track'
const acting = /^(on.*|srcdoc|srcset|formaction|action|ping|target|background|poster|data|codebase|manifest|is)$/i

addEventListener('message', (event) => {
  if (event.source !== parent) return
  const message = event.data
  if (message.type === 'theme') setDark(message.dark === true)
  else if (message.type === 'output') put(message)
  else if (message.type === 'figures') loadPlotly().catch(() => undefined)
  else if (message.type === 'remove') remove(message.id)
  else if (message.type === 'picture') void picture(message)
  else if (message.type === 'slots') for (const place of message.slots) move(place)
})
addEventListener('click', (event) => {
  if (event.composedPath().some((node) => node instanceof Element && node.localName === 'a')) event.preventDefault()
}, true)

function put({ id, kind, value, height }) {
  let slot = slots.get(id)
  if (!slot) {
    const element = document.createElement('div')
    element.className = 'slot'
    document.body.append(element)
    slot = { id, element, kind, value: null, height, seen: false, drawn: false }
    element.slot_ = slot
    slots.set(id, slot)
    watcher.observe(element)
  }
  if (slot.kind !== kind) {
    release(slot)
    slot.element.replaceChildren()
    slot.inner = undefined
  }
  Object.assign(slot, { kind, value, height })
  // What a notebook wrote can change its own ground, never the slot, which keeps it in its place.
  if (!slot.inner) slot.element.append((slot.inner = document.createElement('div')))
  if (kind === 'plotly') {
    slot.element.style.height = `${height}px`
    tell(slot, height)
    if (slot.seen) void draw(slot)
  } else show(slot)
}
function remove(id) {
  const slot = slots.get(id)
  if (!slot) return
  release(slot)
  watcher.unobserve(slot.element)
  slot.observer?.disconnect()
  slot.element.remove()
  slots.delete(id)
}
function move(place) {
  const slot = slots.get(place.id)
  if (!slot) return
  const style = slot.element.style
  style.left = `${place.x}px`
  style.top = `${place.y}px`
  const changed = style.width !== `${place.width}px`
  style.width = `${place.width}px`
  if (changed && slot.drawn) window.Plotly?.Plots.resize(slot.inner)
}
function tell(slot, height) {
  parent.postMessage({ type: 'height', id: slot.id, height }, '*')
}
function setDark(next) {
  if (dark === next) return
  dark = next
  for (const slot of slots.values()) {
    if (slot.kind !== 'plotly') show(slot)
    else if (slot.drawn) void draw(slot)
  }
}

const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const slot = entry.target.slot_
    slot.seen = entry.isIntersecting
    if (slot.kind !== 'plotly') continue
    if (slot.seen && !slot.drawn) void draw(slot)
    if (!slot.seen && slot.drawn) release(slot)
  }
})
function release(slot) {
  if (!slot.drawn) return
  slot.drawn = false
  window.Plotly?.purge(slot.inner)
}
function loadPlotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script')
    script.src = '/vendor/plotly.min.js'
    script.onload = resolve
    script.onerror = reject
    document.head.append(script)
  })
  return loading
}
/** Drawn again it keeps what a person zoomed to and chose; points that were only added are appended. */
async function draw(slot) {
  try {
    await loadPlotly()
    if (slots.get(slot.id) !== slot || slot.kind !== 'plotly') return
    const { data } = slot.value
    const layout = toLayout(slot)
    const text = JSON.stringify(layout)
    const added = slot.drawn && slot.layout === text ? findAdded(slot.data, data) : undefined
    slot.drawn = true
    slot.data = data
    slot.layout = text
    if (added) {
      if (added.traces.length > 0) await window.Plotly.extendTraces(slot.inner, added.update, added.traces)
      return
    }
    // Plotly writes into what it is given
    const own = data.map((trace) => ({ ...trace }))
    await window.Plotly.react(slot.inner, own, layout, { displaylogo: false, responsive: true, displayModeBar: 'hover' })
  } catch (error) {
    slot.inner.textContent = `The figure could not be drawn: ${error?.message ?? error}`
  }
}
function toLayout(slot) {
  const base = theme()
  const layout = { uirevision: 'kept', ...base, ...slot.value.layout, height: slot.height, autosize: true }
  delete layout.width
  for (const key of Object.keys(layout))
    if (/^[xy]axis\d*$/.test(key)) layout[key] = { ...base[key.slice(0, 5)], ...layout[key] }
  if (layout.title) layout.margin = { ...base.margin, t: 44, ...slot.value.layout?.margin }
  return layout
}
/** undefined unless each trace has what it had, and perhaps points after it. */
function findAdded(before, now) {
  if (!before || before.length !== now.length) return undefined
  const traces = []
  const update = {}
  for (const [index, trace] of now.entries()) {
    const old = before[index]
    const names = Object.keys(trace)
    if (names.length !== Object.keys(old).length || (trace.type ?? 'scatter') !== 'scatter') return undefined
    const grown = {}
    for (const name of names) {
      const [a, b] = [old[name], trace[name]]
      if (!Array.isArray(a) || !Array.isArray(b) || !['x', 'y', 'text'].includes(name)) {
        if (JSON.stringify(a) !== JSON.stringify(b)) return undefined
      } else if (a.length > b.length || a.some((value, i) => value !== b[i])) return undefined
      else if (a.length < b.length) grown[name] = b.slice(a.length)
    }
    const axes = Object.keys(grown)
    if (axes.length === 0) continue
    // Plotly wants the same of every trace that grows
    if (traces.length > 0 && axes.join() !== Object.keys(update).join()) return undefined
    traces.push(index)
    for (const name of axes) (update[name] ??= []).push(grown[name])
  }
  return { traces, update }
}
async function picture({ id, format, request }) {
  let value
  try {
    const slot = slots.get(id)
    if (slot?.kind === 'plotly' && ['png', 'svg'].includes(format)) {
      await loadPlotly()
      const width = slot.element.clientWidth || 900
      const layout = { ...toLayout(slot), paper_bgcolor: dark ? '#16181c' : '#ffffff' }
      const figure = { data: slot.value.data.map((trace) => ({ ...trace })), layout }
      value = await window.Plotly.toImage(figure, { format, width, height: slot.height, scale: format === 'png' ? 2 : 1 })
    }
  } catch {
    // told as a picture that there is not
  }
  parent.postMessage({ type: 'picture', request, value }, '*')
}
function theme() {
  const ink = dark ? '#a3a9b5' : '#59606c'
  const grid = dark ? '#2a2d34' : '#e6e8ec'
  const axis = { gridcolor: grid, zerolinecolor: grid, linecolor: grid, automargin: true }
  return {
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { family: 'system-ui, sans-serif', size: 12, color: ink },
    colorway: ['#3f7fd4', '#d98a1f', '#2a9d78', '#c4588f', '#7d6bd1', '#5aa9c7', '#c4572f', '#8a8f98'],
    margin: { l: 56, r: 16, t: 12, b: 40 },
    xaxis: axis,
    yaxis: axis,
    hovermode: 'closest',
  }
}
function show(slot) {
  const root = slot.inner.shadowRoot ?? slot.inner.attachShadow({ mode: 'open' })
  const ground = document.createElement('div')
  ground.style.cssText = `color:${dark ? '#e4e6ea' : '#1d2129'};overflow:auto;max-width:100%`
  ground.append(clean(String(slot.value), slot.kind))
  root.replaceChildren(ground)
  slot.observer?.disconnect()
  slot.observer = new ResizeObserver(() => tell(slot, ground.scrollHeight))
  slot.observer.observe(ground)
}
/**
 * Cleaned while it belongs to a document that runs nothing, and only then taken over into this one. Handlers are taken
 * out of the tags beforehand: the policy blocks them in any document, but reports each as an error of the page.
 */
function clean(given, kind) {
  const text = given.replaceAll(/<[a-z][^>]*>/gi, (tag) => tag.replaceAll(/([\s"'/])on[a-z]+(?=\s*=)/gi, '$1data-off'))
  const parsed = new DOMParser().parseFromString(text, kind === 'svg' ? 'image/svg+xml' : 'text/html')
  const root = kind === 'svg' ? parsed : parsed.body
  for (const node of root.querySelectorAll(forbidden)) node.remove()
  for (const node of root.querySelectorAll('style')) node.textContent = withoutAddresses(node.textContent)
  for (const node of root.querySelectorAll('*'))
    for (const { name, value } of [...node.attributes]) {
      // a picture comes with its bytes; an address is shown, and nothing goes there
      const address = node.localName === 'a' ? /^(#|https?:|mailto:)/i : /^(#|data:image\/)/i
      const leads = /href$/i.test(name) && !address.test(value.trim())
      const loads = /^src$/i.test(name) && !/^data:image\//i.test(value.trim())
      if (acting.test(name) || leads || loads) node.removeAttribute(name)
      else if (/url\s*\(/i.test(value)) node.setAttribute(name, withoutAddresses(value))
    }
  const all = document.createDocumentFragment()
  for (const node of [...root.childNodes]) all.append(document.importNode(node, true))
  return all
}
/** Styles that load nothing; what gets past this is stopped by the policy. */
function withoutAddresses(style) {
  return style
    .replaceAll(/@import[^;]*(;|$)/gi, '')
    .replaceAll(/url\s*\((?!\s*["']?\s*(#|data:image\/))[^)]*\)/gi, 'none')
}
parent.postMessage({ type: 'ready' }, '*')
