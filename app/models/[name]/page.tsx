'use client'
import { ModelPage } from '../../../components/model/model-page.tsx'

export default ModelPage
