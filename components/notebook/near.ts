/**
 * Which cells stand near the window. Far ones are drawn as plain text of the same height, so that a notebook of
 * hundreds of cells costs what a window of it costs. One observer for all cells of a page.
 */
import { useEffect, useState, type RefObject } from 'react'

const listeners = new Map<Element, (near: boolean) => void>()
let observer: IntersectionObserver | undefined
const margin = '1200px 0px'

function watch(element: Element, listener: (near: boolean) => void): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const entry of entries) listeners.get(entry.target)?.(entry.isIntersecting)
    },
    { rootMargin: margin },
  )
  listeners.set(element, listener)
  observer.observe(element)
  return () => {
    listeners.delete(element)
    observer?.unobserve(element)
  }
}

/** Whether it is near now, and how high it was when it last was. */
export function useNear(
  element: RefObject<HTMLElement | null>,
  first: boolean,
): [near: boolean, height: number | null, come: () => void] {
  const [state, setState] = useState<{ near: boolean; height: number | null }>({ near: first, height: null })
  useEffect(() => {
    const target = element.current!
    return watch(target, (near) => {
      // Where one writes stays, wherever the window goes.
      if (!near && target.contains(document.activeElement) && document.activeElement !== target) return
      const height = near ? null : target.getBoundingClientRect().height
      setState((before) => (before.near === near ? before : { near, height }))
    })
  }, [element])
  return [state.near, state.height, () => setState({ near: true, height: null })]
}
