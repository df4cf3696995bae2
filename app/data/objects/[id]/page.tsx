'use client'
import { ObjectPage } from '../../../../components/data/object-page.tsx'

export default ObjectPage
