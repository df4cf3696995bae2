'use client'
import { ModelsPage } from '../../components/model/models-page.tsx'

export default ModelsPage
