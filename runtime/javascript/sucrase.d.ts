declare module 'sucrase/dist/parser/index.js' {
  export interface Token {
    type: number
    contextualKeyword: number
    start: number
    end: number
    isType: boolean
  }
  export function parse(
    input: string,
    isJSX: boolean,
    isTypeScript: boolean,
    isFlow: boolean,
  ): { tokens: Token[] }
}

declare module 'sucrase/dist/parser/tokenizer/types.js' {
  export const TokenType: { readonly template: number; readonly jsxTagStart: number }
}
