/** What can be done with a table: download it, or copy how to. */
import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconDownload } from '@tabler/icons-react'
import type { Json } from '../../../runtime/json.ts'
import { client } from '../../ui/api.ts'
import { download, toCsv } from '../text.ts'
import { type Column, toQuery, type View } from './view.ts'

export function RemoteTools({ table, view }: { table: string; view: View }) {
  const url = (format: 'csv' | 'parquet') =>
    client.url('getTableContent', { params: { id: table }, query: { format, ...toQuery(view) } })
  const curl = () =>
    `curl -H "Authorization: Bearer $SURICATE_TOKEN" -o table.parquet '${location.origin}${url('parquet').replaceAll("'", '%27')}'`
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Tooltip label="Download">
          <ActionIcon aria-label="Download the table">
            <IconDownload size={16} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={url('csv')} download="table.csv">
          CSV
        </Menu.Item>
        <Menu.Item component="a" href={url('parquet')} download="table.parquet">
          Parquet
        </Menu.Item>
        <Menu.Item
          onClick={() =>
            void navigator.clipboard
              .writeText(curl())
              .then(() => notifications.show({ message: 'The command is copied' }))
          }
        >
          Copy as curl
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
export function LocalTools({ columns, rows }: { columns: readonly Column[]; rows: Json[][] }) {
  const save = () =>
    download(
      'table.csv',
      toCsv(
        columns.map((column) => column.name),
        rows,
      ),
      'text/csv',
    )
  return (
    <Tooltip label="Download these rows as CSV">
      <ActionIcon aria-label="Download these rows as CSV" onClick={save}>
        <IconDownload size={16} />
      </ActionIcon>
    </Tooltip>
  )
}
export function ClearFilters({ view, onView }: { view: View; onView: (view: View) => void }) {
  if (Object.keys(view.filters).length === 0) return null
  return (
    <Button size="compact-xs" variant="subtle" onClick={() => onView({ ...view, filters: {} })}>
      Clear the filters
    </Button>
  )
}
