'use client'
import { RunsPage } from '../../components/run/runs-page.tsx'

export default RunsPage
