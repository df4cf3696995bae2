import type { StreamForm } from './form.ts'
import type { Mistakes } from './mistakes.ts'

/** What each part of the stream form is given. */
export interface FieldProps {
  form: StreamForm
  mistakes: Mistakes
  onChange: (patch: Partial<StreamForm>) => void
}
