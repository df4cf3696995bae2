import { keepPreviousData } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useApi } from '../ui/api.ts'
import { Chart } from '../ui/chart.tsx'

const bucket = 5
const layout = {
  yaxis: { rangemode: 'tozero', title: { text: 'msg/s' } },
  xaxis: { type: 'date' },
  showlegend: false,
}
export function RateChart({ id }: { id: string }) {
  const query = useApi(
    'getStreamRates',
    { params: { id }, query: { seconds: 600, bucket } },
    { refetchInterval: 10_000, placeholderData: keepPreviousData },
  )
  const items = query.data?.items
  const data = useMemo(
    () => [
      {
        type: 'scatter',
        mode: 'lines',
        fill: 'tozeroy',
        line: { width: 1.5, shape: 'hv' },
        name: 'msg/s',
        x: (items ?? []).map((item) => new Date(item.at)),
        y: (items ?? []).map((item) => item.count / bucket),
      },
    ],
    [items],
  )
  return (
    <Chart data={data} layout={layout} height={180} label="Messages a second over the last ten minutes" />
  )
}
