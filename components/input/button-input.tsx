import { Button } from '@mantine/core'
import type { ControlOf } from '../../runtime/api/inputs.ts'
import type { InputProps } from './props.ts'

export function ButtonInput({ control, disabled, onChange }: InputProps<ControlOf<'button'>>) {
  const { label, value, description } = control
  return (
    <>
      <Button variant="default" title={description} disabled={disabled} onClick={() => onChange(value + 1)}>
        {label}
      </Button>
      {value > 0 && <span className="dim">{value === 1 ? 'clicked once' : `clicked ${value} times`}</span>}
    </>
  )
}
