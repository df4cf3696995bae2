'use client'
import { StreamPage } from '../../../../components/stream/stream-page.tsx'

export default StreamPage
