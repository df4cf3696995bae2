'use client'
import { NotebookPage } from '../../../components/notebook/notebook-page.tsx'

export default NotebookPage
