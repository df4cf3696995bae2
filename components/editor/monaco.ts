/** The editor with the three languages of cells. Bundled on its own; the page finds it as window.suricateMonaco. */
import 'monaco-editor/features/register.all.js'
import 'monaco-editor/languages/definitions/typescript/register.js'
import 'monaco-editor/languages/definitions/sql/register.js'
import 'monaco-editor/languages/definitions/markdown/register.js'
import * as monaco from 'monaco-editor/editor/editor.api.js'

Object.assign(globalThis, { suricateMonaco: { monaco } })
