'use client'
import { Button, Group, Modal, Select } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { JsonObject } from '../../runtime/json.ts'
import { useAct } from '../ui/api.ts'
import { kinds, newForm, toBody, toKind, type Trigger, type TriggerForm } from './form.ts'
import { RuleFields } from './rule-fields.tsx'
import { RecordFields, ScheduleFields, StreamFields } from './trigger-fields.tsx'

/** Makes a trigger of a notebook, or changes one. Enter saves, Esc leaves. */
export function TriggerDialog(props: {
  notebook: string
  trigger: Trigger | null
  parameters: JsonObject
  onClose: () => void
}) {
  const { notebook, trigger, parameters, onClose } = props
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone
  const zones = useMemo(() => [...new Set(['UTC', own, ...Intl.supportedValuesOf('timeZone')])], [own])
  const [form, setForm] = useState(() => newForm(trigger, own))
  const change = (part: Partial<TriggerForm>): void => setForm((before) => ({ ...before, ...part }))
  const create = useAct('createTrigger', { said: 'The trigger is on', done: onClose })
  const update = useAct('updateTrigger', { said: 'The trigger is changed', done: onClose })
  const save = (): void => {
    const body = toBody(form)
    if (!trigger) create.mutate({ body: { notebook, parameters, ...body } })
    else update.mutate({ params: { id: trigger.id }, body, revision: trigger.revision })
  }
  return (
    <Modal opened onClose={onClose} title={trigger ? 'Change the trigger' : 'New trigger'} size="lg">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Select
          label="Run this notebook by"
          data-autofocus
          allowDeselect={false}
          data={kinds}
          value={form.type}
          onChange={(type) => setForm(toKind(form, (type ?? 'schedule') as TriggerForm['type']))}
        />
        <Select
          label="Time zone"
          allowDeselect={false}
          searchable
          limit={100}
          data={zones}
          value={form.zone}
          onChange={(zone) => change({ zone: zone ?? 'UTC' })}
        />
        {form.type === 'schedule' && <ScheduleFields form={form} change={change} />}
        {form.type === 'stream' && <StreamFields form={form} change={change} />}
        {['object', 'model', 'run', 'alert'].includes(form.type) && (
          <RecordFields form={form} change={change} />
        )}
        {form.type === 'api' && (
          <p className="dim">
            A call is POST to its path, which you make in the list when the trigger is saved. Parameters go in
            the body.
          </p>
        )}
        <RuleFields form={form} change={change} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending || update.isPending}>
            Save the trigger
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
