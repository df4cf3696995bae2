import { createTheme, type MantineColorsTuple } from '@mantine/core'

const accent: MantineColorsTuple = [
  '#eef3ff',
  '#dbe4fb',
  '#b7c8f4',
  '#90aaee',
  '#6f91e8',
  '#5a80e4',
  '#4069d6',
  '#3459bd',
  '#2c4ea9',
  '#1f4094',
]
const text = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif'
const mono = 'ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace'

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 6 },
  colors: { accent },
  defaultRadius: 6,
  fontFamily: text,
  fontFamilyMonospace: mono,
  headings: { fontFamily: text, fontWeight: '600' },
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'xs' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 28 } },
    TextInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm' } },
    // Its focus goes to the first item: what it would have before that is no item of a menu.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } },
    Badge: { defaultProps: { size: 'sm', variant: 'light', radius: 4 } },
    Table: { defaultProps: { verticalSpacing: 6, horizontalSpacing: 12, fz: 13 } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
  },
})

/** Eight hues that stay apart for the colour blind; each works on light and on dark ground. */
export const palette = [
  '#3f7fd4',
  '#d98a1f',
  '#2a9d78',
  '#c4588f',
  '#7d6bd1',
  '#5aa9c7',
  '#c4572f',
  '#8a8f98',
]
/** The same name has the same colour on every page. */
export function colourOf(name: string): string {
  let hash = 0
  for (const letter of name) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0
  return palette[hash % palette.length]!
}
/** The same, but no two of a chart alike as long as there are hues left. */
export function coloursOf(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    const own = colourOf(name)
    const colour = taken.has(own) ? (palette.find((other) => !taken.has(other)) ?? own) : own
    taken.add(colour)
    return colour
  })
}
