'use client'
import { ProjectPage } from '../../../components/notebook/project-page.tsx'

export default ProjectPage
