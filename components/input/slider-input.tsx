import { Input, NumberInput, Slider } from '@mantine/core'
import { useId, useState } from 'react'
import type { ControlOf } from '../../runtime/api/inputs.ts'
import { type InputProps, toDescription } from './props.ts'

/** A slider, and beside it the figure, which can be typed. */
export function SliderInput({ control, disabled, onChange }: InputProps<ControlOf<'slider'>>) {
  const { min, max, step, value, label } = control
  const id = useId()
  const digits = String(step).split('.')[1]?.length ?? 0
  // What stands in the field while one types: it may be out of bounds, or no figure yet.
  const [typed, setTyped] = useState<number | string | null>(null)
  const tell = (next: number) => {
    const held = toStep(Math.min(max, Math.max(min, next)), control, digits)
    if (held !== value) onChange(held)
  }
  const settle = () => {
    if (typeof typed === 'number') tell(typed)
    setTyped(null)
  }
  return (
    <Input.Wrapper label={label} labelProps={{ id }} labelElement="div" {...toDescription(control)}>
      <div className="input-slider">
        <Slider
          min={min}
          max={max}
          step={step}
          value={value}
          label={null}
          size="sm"
          disabled={disabled}
          thumbProps={{ 'aria-labelledby': id }}
          onChange={(next) => onChange(round(next, digits))}
        />
        <NumberInput
          size="xs"
          aria-label={`${label}, as a number`}
          min={min}
          max={max}
          step={step}
          value={typed ?? value}
          disabled={disabled}
          clampBehavior="none"
          onChange={(next) => {
            setTyped(next)
            if (typeof next === 'number' && next >= min && next <= max) tell(next)
          }}
          onBlur={settle}
          onKeyDown={(event) => {
            if (event.key === 'Enter') settle()
          }}
        />
      </div>
    </Input.Wrapper>
  )
}

function toStep(value: number, { min, max, step }: ControlOf<'slider'>, digits: number): number {
  return value === max ? max : round(min + Math.round((value - min) / step) * step, digits)
}
function round(value: number, digits: number): number {
  return digits === 0 ? value : Number(value.toFixed(Math.min(12, digits + 2)))
}
