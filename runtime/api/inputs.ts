/**
 * Inputs that cells make with `ui`: what the output of media type application/vnd.suricate.input+json holds, checked when
 * it comes out of a sandbox. `initial` is the first value; where `value` differs, a person has chosen it.
 */
import { z } from 'zod'
import { id, idParams, json, jsonObject, operation } from './operation.ts'

export const inputMime = 'application/vnd.suricate.input+json'
export const inputLimits = { options: 1000, rows: 500, text: 10_000, perCell: 100 }

const choice = z.union([z.string().max(1000), z.number(), z.boolean()])
export type Choice = z.infer<typeof choice>
const row = z.number().int().min(0)
const base = z.object({
  id: z.string().min(1).max(100),
  label: z.string().max(200),
  description: z.string().max(500).optional(),
})
const slider = base.extend({
  kind: z.literal('slider'),
  value: z.number(),
  initial: z.number(),
  min: z.number(),
  max: z.number(),
  step: z.number().positive(),
})
const choices = z.union([choice, z.array(choice).max(inputLimits.options)])
const select = base.extend({
  kind: z.literal('select'),
  /** A list where `multiple`. */
  value: choices,
  initial: choices,
  options: z
    .array(z.object({ label: z.string().max(1000), value: choice }))
    .min(1)
    .max(inputLimits.options),
  multiple: z.boolean(),
})
const text = base.extend({
  kind: z.literal('text'),
  value: z.string().max(inputLimits.text),
  initial: z.string().max(inputLimits.text),
  placeholder: z.string().max(200).optional(),
  multiline: z.boolean(),
  maxLength: z.number().int().min(1).max(inputLimits.text),
})
const day = z.iso.date()
const date = base.extend({
  kind: z.literal('date'),
  value: day,
  initial: day,
  min: day.optional(),
  max: day.optional(),
})
const rows = z.array(row).max(inputLimits.rows)
const table = base.extend({
  kind: z.literal('table'),
  /** Places of the selected rows. */
  value: rows,
  initial: rows,
  select: z.enum(['single', 'multiple']),
  names: z.array(z.string()).max(2000),
  types: z.record(z.string(), z.string()),
  length: z.number().int().min(0).describe('of the whole table; only the shown rows can be selected'),
  rows: z.array(z.record(z.string(), json)).max(inputLimits.rows),
})
const button = base.extend({
  kind: z.literal('button'),
  value: z.number().int().min(0).describe('clicks'),
  initial: z.number().int(),
})
export const control = z.discriminatedUnion('kind', [slider, select, text, date, table, button])
export type Control = z.infer<typeof control>
export type ControlOf<Kind extends Control['kind']> = Extract<Control, { kind: Kind }>

export const inputChange = z.object({
  id: z.string().min(1).max(100).describe('of the input'),
  value: json.describe(
    'number, choice or list of choices, text, date, places of rows; of a button: anything',
  ),
})
export const inputChanged = z.object({
  id: z.string(),
  value: json,
  cell: id.nullable().describe('that made the input; null: the interactive line'),
  dependents: z.array(id).describe('cells that use what that cell declares, also through others, in order'),
})
export type InputChanged = z.infer<typeof inputChanged>

export const inputOperations = {
  getNotebookOpenApi: operation({
    method: 'get',
    path: '/notebooks/{id}/openapi.json',
    tag: 'notebooks',
    summary: 'This notebook alone as OpenAPI 3.1: a run takes the parameters that it declares',
    scope: 'read',
    params: idParams,
    query: z.object({ version: z.coerce.number().int().min(1).optional() }),
    response: jsonObject,
  }),
  setInput: operation({
    method: 'post',
    path: '/kernels/{id}/inputs',
    tag: 'kernels',
    summary: 'Change an input; the cells that depend on it are told, and not run',
    scope: 'run',
    params: idParams,
    body: inputChange,
    response: inputChanged,
  }),
}
