import { Input, NumberInput, Slider } from '@mantine/core'
import { useId } from 'react'
import type { ControlOf } from '../../runtime/api/inputs.ts'
import { type InputProps, toDescription } from './props.ts'

/** A slider, and beside it the figure, which can be typed. */
export function SliderInput({ control, disabled, onChange }: InputProps<ControlOf<'slider'>>) {
  const { min, max, step, value, label } = control
  const id = useId()
  const digits = String(step).split('.')[1]?.length ?? 0
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
          value={value}
          disabled={disabled}
          clampBehavior="blur"
          onChange={(next) => {
            if (typeof next === 'number' && next !== value && next >= min && next <= max)
              onChange(toStep(next, control, digits))
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
