/** Defines `note`, by which a random program tells values into the realm's list `out`, as the same text everywhere. */
export const prelude = `
var show = (value) => typeof value === 'function' ? 'function' : Object.is(value, -0) ? '0'
  : Array.isArray(value) ? '[' + value.map(show).join(' ') + ']'
  : typeof value === 'object' && value !== null
    ? '{' + Object.entries(value).map(([key, part]) => key + ' ' + show(part)).join(' ') + '}' : String(value);
var note = (...values) => { if (out.length < 2000) out.push(values.map(show).join(' ')) };`
