'use client'
import { DataPage } from '../../components/data/data-page.tsx'

export default DataPage
