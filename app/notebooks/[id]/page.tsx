import { NotebookPage } from '../../../components/notebook/notebook-page.tsx'

/** The editor is on its way while the notebook is; on a narrow screen there is none. */
export default function Page() {
  return (
    <>
      <link rel="preload" as="script" href="/vendor/monaco/editor.js" media="(min-width: 48.01em)" />
      <NotebookPage />
    </>
  )
}
