'use client'
import { Alert, Button, Drawer, Group } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useMemo, useState } from 'react'
import type { DataObject } from '../../runtime/api/objects.ts'
import type { Stream } from '../../runtime/api/streams.ts'
import { client, useAct, useApi } from '../ui/api.ts'
import { ConnectionTest } from './connection-test.tsx'
import { toDefinition, type Definition } from './definition.ts'
import { findEffects } from './effects.ts'
import { emptyForm, toForm, type StreamForm } from './form.ts'
import { MessagePreview } from './message-preview.tsx'
import { findMistakes, toRefused, type Mistakes } from './mistakes.ts'
import { StreamFields } from './stream-fields.tsx'
import './stream.css'

/** The side panel that defines a stream or changes one. */
export function StreamPanel(props: {
  opened: boolean
  onClose: () => void
  objects: DataObject[]
  stream?: Stream
}) {
  const { stream } = props
  const router = useRouter()
  const [form, setForm] = useState<StreamForm>(() => (stream ? toForm(stream) : emptyForm))
  const [tried, setTried] = useState(false)
  const [refused, setRefused] = useState<Mistakes>({})
  const close = () => {
    setTried(false)
    if (!stream) setForm(emptyForm)
    props.onClose()
  }
  /** Said at its field, or where there is none as a notice. */
  const failed = (error: unknown): boolean => {
    const own = toRefused(error)
    setRefused(own)
    return Object.keys(own).length > 0
  }
  const create = useAct('createStream', {
    said: 'The stream is defined',
    failed,
    done: (made) => {
      close()
      router.push(`/data/streams/${made.id}`)
    },
  })
  const update = useAct('updateStream', { said: 'The stream is changed', failed, done: close })
  const mistakes = findMistakes(form)
  const ready = Object.keys(mistakes).length === 0
  const definition = ready ? toDefinition(form) : null
  // by its old name the server finds the password that *** stands for
  const tested = definition && stream ? { ...definition, name: stream.name } : definition
  const test = useConnectionTest(tested, props.opened)
  const make = useAct('makeQueue', { said: 'The queue is made', done: () => void test.refetch() })
  const told = useMemo(() => toRefused(test.error), [test.error])
  const effects = stream && definition ? findEffects(stream, definition) : []
  const last = useSample(stream, props.opened)
  const sample = last === '' ? toText(test.data?.sample[0]) : last
  function save() {
    setTried(true)
    if (!definition) return
    if (stream) update.mutate({ params: { id: stream.id }, body: definition, revision: stream.revision })
    else create.mutate({ body: definition })
  }
  return (
    <Drawer
      opened={props.opened}
      onClose={close}
      position="right"
      size={500}
      closeButtonProps={{ 'aria-label': 'Close' }}
      title={stream ? `Change ${stream.name}` : 'Define a stream'}
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <StreamFields
          form={form}
          objects={props.objects}
          defined={stream !== undefined}
          mistakes={{ ...told, ...refused, ...(tried ? mistakes : {}) }}
          onChange={(patch) => {
            setRefused({})
            setForm((before) => ({ ...before, ...patch }))
          }}
        />
        <ConnectionTest
          query={test}
          ready={ready}
          told={Object.keys(told).length > 0}
          type={form.type}
          making={make.isPending}
          onMake={() => tested && make.mutate({ body: tested })}
        />
        <MessagePreview form={form} sample={sample} />
        {effects.length > 0 && (
          <Alert color="blue" title="What saving does" role="status">
            {effects.map((text) => (
              <p key={text}>{text}</p>
            ))}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={create.isPending || update.isPending}
            disabled={stream !== undefined && definition !== null && effects.length === 0}
          >
            {stream ? 'Save the definition' : 'Define the stream'}
          </Button>
        </Group>
      </form>
    </Drawer>
  )
}

/** The server checks what is typed, half a second after the last key, and looks at its source. */
function useConnectionTest(definition: Definition | null, opened: boolean) {
  const text = definition === null ? null : JSON.stringify(definition)
  const [settled] = useDebouncedValue(text, 600)
  return useQuery({
    queryKey: ['connection-test', settled],
    enabled: opened && settled !== null,
    retry: false,
    staleTime: 0,
    queryFn: ({ signal }) => client.call('testStream', { body: JSON.parse(settled!) as Definition, signal }),
  })
}

const toText = (sample: unknown): string =>
  sample === undefined ? '' : typeof sample === 'string' ? sample : JSON.stringify(sample)

/** The last message of a stream that is there, as far as its body tells how it came. */
function useSample(stream: Stream | undefined, opened: boolean): string {
  const query = useApi(
    'findMessages',
    { params: { id: stream?.id ?? '' }, query: { limit: 1 } },
    { enabled: opened && stream !== undefined && stream.format === 'json' },
  )
  const last = query.data?.items[0]
  return last ? JSON.stringify(last.body) : ''
}
