import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../runtime/json.ts'
import { findParameters } from '../../runtime/notebook/declared.ts'
import { toOpenApi } from '../../runtime/notebook/openapi.ts'

function describeNotebook(source: string): JsonObject {
  const found = findParameters([{ type: 'typescript', source }])
  return toOpenApi({ id: 'nb_1', name: 'Learn', version: 3, ...found })
}
const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce((inner, key) => (inner as { [key: string]: unknown })[key], value)
const body = ['paths', '/notebooks/nb_1/runs', 'post', 'requestBody']

describe('toOpenApi', () => {
  test('has the parameters as they are declared', () => {
    const described = describeNotebook("parameters({ hours: { default: 24, max: 48 }, host: 'web-1' })")
    expect(at(described, 'components', 'schemas', 'Parameters')).toEqual({
      type: 'object',
      properties: {
        hours: { type: 'number', default: 24, maximum: 48 },
        host: { type: 'string', default: 'web-1' },
      },
      additionalProperties: false,
    })
    expect(at(described, ...body, 'required')).toBe(false)
    expect(at(described, 'info')).toEqual({
      title: 'Learn',
      version: '3',
      description: 'A notebook of Suricate',
    })
  })
  test('needs the body where a parameter is required, and allows more where only a run can tell', () => {
    const described = describeNotebook(
      "parameters({ day: { type: 'date', required: true } }); parameters(more)",
    )
    expect([
      at(described, ...body, 'required'),
      at(described, ...body, 'content', 'application/json', 'schema', 'required'),
      at(described, 'components', 'schemas', 'Parameters'),
    ]).toEqual([
      true,
      ['parameters'],
      {
        type: 'object',
        properties: { day: { type: 'string', format: 'date' } },
        required: ['day'],
        additionalProperties: true,
      },
    ])
  })
})
