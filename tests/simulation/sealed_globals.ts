/** What the world puts in the place of the machine's clock and randomness. */
export interface Seal {
  wallNow(): number;
  monotonicNow(): number;
  random(): number;
  /** An exception that nobody caught: a real process would be dead. */
  uncaught(error: unknown): void;
}

/**
 * Replaces the machine's clocks and randomness by the world's, as ids (ulid) are drawn from both,
 * and takes uncaught exceptions. The answer puts everything back.
 */
export function sealGlobals(seal: Seal): () => void {
  const dateNow = Date.now;
  const performanceNow = performance.now;
  const mathRandom = Math.random;
  const getRandomValues = crypto.getRandomValues;
  const fill = <Buffer extends ArrayBufferView>(buffer: Buffer): Buffer => {
    const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(seal.random() * 256);
    return buffer;
  };
  Date.now = () => seal.wallNow();
  performance.now = () => seal.monotonicNow();
  Math.random = () => seal.random();
  Object.defineProperty(crypto, "getRandomValues", { value: fill, configurable: true });
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    seal.uncaught(event.error);
  };
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    seal.uncaught(event.reason);
  };
  globalThis.addEventListener("error", onError);
  globalThis.addEventListener("unhandledrejection", onRejection);
  return () => {
    Date.now = dateNow;
    performance.now = performanceNow;
    Math.random = mathRandom;
    Object.defineProperty(crypto, "getRandomValues", {
      value: getRandomValues,
      configurable: true,
    });
    globalThis.removeEventListener("error", onError);
    globalThis.removeEventListener("unhandledrejection", onRejection);
  };
}
