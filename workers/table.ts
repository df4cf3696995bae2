/** Entry point of the table child: see runtime/table/child.ts. */
import { runTableChild } from '../runtime/table/child.ts'

await runTableChild()
