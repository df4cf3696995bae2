import { Button } from '@mantine/core'
import { IconBell, IconBook2, IconCloudUpload, IconCpu } from '@tabler/icons-react'
import Link from 'next/link'
import './overview.css'

const steps = [
  [
    'Aggregate',
    'Upload a file of history, or define a stream of live messages.',
    '/data',
    'Add data',
    IconCloudUpload,
  ],
  [
    'Interact',
    'Open a notebook, look at the data and try things, cell by cell.',
    '/projects',
    'Make a project',
    IconBook2,
  ],
  [
    'Compute',
    'Train a model on the history and compare it with a baseline.',
    '/models',
    'See models',
    IconCpu,
  ],
  [
    'Act',
    'Hold the live stream against the model; be told when it is abnormal.',
    '/deployments',
    'See deployments',
    IconBell,
  ],
] as const

/** What an empty workspace shows: the way from data to action. */
export function FirstSteps() {
  return (
    <section aria-label="First steps">
      <h2 className="steps-title">Nothing is here yet. Four steps lead from data to action.</h2>
      <ol className="steps">
        {steps.map(([name, text, href, label, Mark], index) => (
          <li key={name}>
            <Mark size={22} stroke={1.5} aria-hidden />
            <h3>
              {index + 1}. {name}
            </h3>
            <p>{text}</p>
            <Button component={Link} href={href} variant={index === 0 ? 'filled' : 'default'}>
              {label}
            </Button>
          </li>
        ))}
      </ol>
    </section>
  )
}
