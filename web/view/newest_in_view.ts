import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** How near to the end, in pixels, still counts as being there. */
const nearEnd = 40;

/** Where a scrolled list stands, and what to do when it moves. */
export interface NewestInView {
  /** Whether the newest is in view; false once a person scrolled up. */
  readonly atEnd: boolean;
  readonly onScroll: () => void;
  readonly toEnd: () => void;
}

/**
 * Keeps the newest of a list in view while it grows or changes its size, unless the person scrolled
 * away. `length` is anything that changes when the list grows.
 */
export function useNewestInView(
  list: RefObject<HTMLElement | null>,
  length: string,
): NewestInView {
  const size = useRef("");
  const [atEnd, setAtEnd] = useState(true);

  useLayoutEffect(() => {
    const box = list.current;
    if (box === null || !atEnd) return;
    const toEnd = () => box.scrollTo({ top: box.scrollHeight });
    toEnd();
    // The composer grows, a phone is turned: the newest message stays in view.
    const observer = new ResizeObserver(toEnd);
    observer.observe(box);
    return () => observer.disconnect();
  }, [length, atEnd]);

  const onScroll = () => {
    const box = list.current;
    if (box === null) return;
    const { scrollHeight, clientHeight, scrollTop } = box;
    const resized = size.current !== `${scrollHeight}/${clientHeight}`;
    size.current = `${scrollHeight}/${clientHeight}`;
    // Only a person scrolls away from the end; a new size moves the place of everything.
    if (resized && atEnd) box.scrollTo({ top: scrollHeight });
    else setAtEnd(scrollHeight - scrollTop - clientHeight < nearEnd);
  };
  return { atEnd, onScroll, toEnd: () => setAtEnd(true) };
}

/** Reports what is in view while the page is looked at: now, and when it comes to the front. */
export function useSeen(onSeen: (() => void) | undefined, of: string): void {
  useEffect(() => {
    if (onSeen === undefined) return;
    const look = () => {
      if (document.visibilityState === "visible") onSeen();
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [of, onSeen === undefined]);
}
