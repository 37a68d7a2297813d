/** Of a run: every promise was kept, one was broken, or too little was done to say either. */
export type Verdict = "kept" | "broken" | "too_little";
