/** A figure with what can be done with it: saved as a picture, shown as the table behind it. */
import { Button, Menu } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { memo, useContext, useMemo, useState } from 'react'
import { toFigureTable } from './figure-table.ts'
import { heightOf, parseFigure } from './figure.ts'
import { LocalTable } from './output-table.tsx'
import { type PictureFormat, parsePicture } from './picture.ts'
import { RichOutput, StageContext } from './stage.tsx'
import { download } from './text.ts'

export const FigureOutput = memo(function FigureOutput({ value, id }: { value: unknown; id: string }) {
  const figure = useMemo(() => parseFigure(value), [value])
  const [asTable, setAsTable] = useState(false)
  const stage = useContext(StageContext)
  const table = useMemo(() => (figure && asTable ? toFigureTable(figure) : undefined), [figure, asTable])
  if (!figure) return <p className="dim">This figure has parts that are not drawn here.</p>
  const save = async (format: PictureFormat) => {
    const picture = parsePicture(format, await stage?.picture(id, format).catch(() => undefined))
    if (picture) download(`figure.${format}`, picture.bytes, picture.mediaType)
    else
      notifications.show({
        color: 'red',
        message: 'The picture could not be made. Scroll to the figure and try again.',
      })
  }
  return (
    <div className="figure">
      <div className="figure-tools">
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <Button size="compact-xs" variant="subtle" color="gray">
              Save
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => void save('png')} disabled={asTable}>
              Save as PNG
            </Menu.Item>
            <Menu.Item onClick={() => void save('svg')} disabled={asTable}>
              Save as SVG
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? 'Show as figure' : 'Show as table'}
        </Button>
      </div>
      {table ? (
        <LocalTable table={table} label="Table of the figure" />
      ) : (
        <RichOutput id={id} kind="plotly" value={figure} height={heightOf(figure)} label="Figure" />
      )}
    </div>
  )
})
