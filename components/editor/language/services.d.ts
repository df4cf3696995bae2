/** What the language worker uses of TypeScript as Monaco's package brings it, which has no declarations of its own. */
declare module 'monaco-editor/languages/features/typescript/lib/typescriptServices.js' {
  export interface TextSpan {
    start: number
    length: number
  }
  export interface Part {
    text: string
    kind: string
  }
  export interface Tag {
    name: string
    text?: Part[]
  }
  export interface MessageChain {
    messageText: string
    next?: MessageChain[]
  }
  export interface Diagnostic {
    file?: { fileName: string }
    start?: number
    length?: number
    code: number
    category: number
    messageText: string | MessageChain
    reportsUnnecessary?: object
    reportsDeprecated?: object
  }
  export interface Node {
    pos: number
    end: number
    kind: number
  }
  export interface SourceFile extends Node {
    fileName: string
    text: string
    statements: Node[]
    parseDiagnostics: Diagnostic[]
    locals?: Map<string, TypeSymbol>
  }
  export interface TypeSymbol {
    name: string
    flags: number
    valueDeclaration?: Node
    declarations?: Node[]
  }
  export interface Type {
    flags: number
    symbol?: TypeSymbol
    aliasSymbol?: TypeSymbol
    aliasTypeArguments?: Type[]
    value?: unknown
    getProperties(): TypeSymbol[]
  }
  export interface TypeChecker {
    getSymbolsInScope(node: Node, meaning: number): TypeSymbol[]
    getTypeOfSymbolAtLocation(symbol: TypeSymbol, node: Node): Type
    getTypeOfSymbol(symbol: TypeSymbol): Type
    getDeclaredTypeOfSymbol(symbol: TypeSymbol): Type
    resolveName(
      name: string,
      location: Node | undefined,
      meaning: number,
      exclude: boolean,
    ): TypeSymbol | undefined
    typeToString(type: Type): string
    getTypeArguments(type: Type): Type[]
  }
  export interface Program {
    getSourceFile(name: string): SourceFile | undefined
    getTypeChecker(): TypeChecker
  }
  export interface CompletionEntry {
    name: string
    kind: string
    kindModifiers?: string
    sortText: string
    insertText?: string
    replacementSpan?: TextSpan
    source?: string
    isRecommended?: boolean
  }
  export interface CompletionDetails {
    name: string
    kind: string
    displayParts: Part[]
    documentation?: Part[]
    tags?: Tag[]
  }
  export interface QuickInfo {
    textSpan: TextSpan
    displayParts?: Part[]
    documentation?: Part[]
    tags?: Tag[]
  }
  export interface SignatureItem {
    prefixDisplayParts: Part[]
    suffixDisplayParts: Part[]
    separatorDisplayParts: Part[]
    parameters: { displayParts: Part[]; documentation: Part[]; name: string }[]
    documentation: Part[]
    tags: Tag[]
  }
  export interface Place {
    fileName: string
    textSpan: TextSpan
  }
  export interface TextChange {
    span: TextSpan
    newText: string
  }
  export interface LanguageService {
    getProgram(): Program | undefined
    getSemanticDiagnostics(file: string): Diagnostic[]
    getSuggestionDiagnostics(file: string): Diagnostic[]
    getRegionSemanticDiagnostics(
      file: string,
      ranges: { pos: number; end: number }[],
    ): { diagnostics: Diagnostic[]; spans: TextSpan[] } | undefined
    getCompletionsAtPosition(
      file: string,
      position: number,
      preferences: object | undefined,
    ): { entries: CompletionEntry[]; isMemberCompletion: boolean } | undefined
    getCompletionEntryDetails(
      file: string,
      position: number,
      entry: string,
      format: undefined,
      source: string | undefined,
      preferences: undefined,
      data: undefined,
    ): CompletionDetails | undefined
    getSignatureHelpItems(
      file: string,
      position: number,
      options: object,
    ):
      | { items: SignatureItem[]; selectedItemIndex: number; argumentIndex: number; applicableSpan: TextSpan }
      | undefined
    getQuickInfoAtPosition(file: string, position: number): QuickInfo | undefined
    getDefinitionAtPosition(file: string, position: number): Place[] | undefined
    getReferencesAtPosition(file: string, position: number): Place[] | undefined
    getDocumentHighlights(
      file: string,
      position: number,
      files: string[],
    ): { fileName: string; highlightSpans: { textSpan: TextSpan; kind: string }[] }[] | undefined
    getRenameInfo(
      file: string,
      position: number,
      options: object,
    ): { canRename: boolean; localizedErrorMessage?: string; displayName?: string; triggerSpan?: TextSpan }
    findRenameLocations(
      file: string,
      position: number,
      strings: boolean,
      comments: boolean,
      preferences: { providePrefixAndSuffixTextForRename: boolean },
    ): (Place & { prefixText?: string; suffixText?: string })[] | undefined
    getFormattingEditsForDocument(file: string, options: object): TextChange[]
    cleanupSemanticCache(): void
  }
  export interface Snapshot {
    getText(start: number, end: number): string
    getLength(): number
    getChangeRange(old: Snapshot): { span: TextSpan; newLength: number } | undefined
  }
  export interface LanguageServiceHost {
    getCompilationSettings(): object
    getScriptFileNames(): string[]
    getScriptVersion(name: string): string
    getScriptSnapshot(name: string): Snapshot | undefined
    getCurrentDirectory(): string
    getDefaultLibFileName(): string
    getProjectVersion(): string
    fileExists(name: string): boolean
    readFile(name: string): string | undefined
    resolveModuleNameLiterals(
      literals: readonly { text: string }[],
      containing: string,
    ): {
      resolvedModule:
        | { resolvedFileName: string; extension: string; isExternalLibraryImport: boolean }
        | undefined
    }[]
  }
  export const typescript: {
    version: string
    createLanguageService(host: LanguageServiceHost): LanguageService
    createSourceFile(name: string, text: string, options: object, setParents?: boolean): SourceFile
    flattenDiagnosticMessageText(text: string | MessageChain, newLine: string): string
    displayPartsToString(parts: Part[] | undefined): string
    SymbolFlags: { Value: number; Interface: number; Type: number; Namespace: number }
    TypeFlags: { StringLiteral: number }
    preProcessFile(
      text: string,
      imports: boolean,
      javascript: boolean,
    ): {
      importedFiles: { fileName: string }[]
      referencedFiles: { fileName: string }[]
      typeReferenceDirectives: { fileName: string }[]
    }
    resolveModuleName(
      name: string,
      containing: string,
      options: object,
      host: { fileExists(path: string): boolean; readFile(path: string): string | undefined },
    ): { resolvedModule?: { resolvedFileName: string } }
  }
}
declare module 'monaco-editor/languages/features/typescript/lib/lib.js' {
  export const libFileMap: { [name: string]: string }
}
declare module 'monaco-editor/languages/features/typescript/lib/lib.js' {
  export const libFileMap: { [name: string]: string }
}
