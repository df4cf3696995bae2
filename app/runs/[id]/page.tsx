'use client'
import { RunPage } from '../../../components/run/run-page.tsx'

export default RunPage
