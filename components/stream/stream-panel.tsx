'use client'
import { Button, Drawer, Group } from '@mantine/core'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import type { DataObject } from '../../runtime/api/objects.ts'
import type { Stream } from '../../runtime/api/streams.ts'
import { useAct } from '../ui/api.ts'
import { ConnectionTest } from './connection-test.tsx'
import { emptyForm, findMistakes, toDefinition, toForm, type StreamForm } from './source.ts'
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
  const close = () => {
    setTried(false)
    if (!stream) setForm(emptyForm)
    props.onClose()
  }
  const create = useAct('createStream', {
    said: 'The stream is defined',
    done: (made) => {
      close()
      router.push(`/data/streams/${made.id}`)
    },
  })
  const update = useAct('updateStream', { said: 'The stream is changed', done: close })
  const mistakes = findMistakes(form)
  const ready = Object.keys(mistakes).length === 0
  function save() {
    setTried(true)
    if (!ready) return
    const body = toDefinition(form)
    if (stream) update.mutate({ params: { id: stream.id }, body, revision: stream.revision })
    else create.mutate({ body })
  }
  return (
    <Drawer
      opened={props.opened}
      onClose={close}
      position="right"
      size={460}
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
          mistakes={tried ? mistakes : {}}
          onChange={(patch) => setForm((before) => ({ ...before, ...patch }))}
        />
        <ConnectionTest definition={ready ? toDefinition(form) : null} type={form.type} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending || update.isPending}>
            {stream ? 'Save the definition' : 'Define the stream'}
          </Button>
        </Group>
      </form>
    </Drawer>
  )
}
