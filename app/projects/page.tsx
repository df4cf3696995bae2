'use client'
import { ProjectsPage } from '../../components/notebook/projects-page.tsx'

export default ProjectsPage
