import assert from "node:assert/strict";
import {
  clientFrame,
  clientHeaderBytes,
  opcodes,
  serverHeaderBytes,
  serverOpcode,
  serverPayloadBytes,
} from "./websocket_frame.ts";

/** A server frame as RFC 6455 section 5.2 has it, unmasked. */
function serverFrame(payloadBytes: number): Uint8Array {
  const head = payloadBytes < 126
    ? [0x81, payloadBytes]
    : payloadBytes <= 0xffff
    ? [0x81, 126, payloadBytes >> 8, payloadBytes & 255]
    : [0x81, 127, 0, 0, 0, 0, 0, payloadBytes >> 16, (payloadBytes >> 8) & 255, payloadBytes & 255];
  const frame = new Uint8Array(head.length + payloadBytes);
  frame.set(head);
  return frame;
}

Deno.test("clientFrame writes final, masked frames with the right length at every border", () => {
  for (const length of [0, 125, 126, 127, 65_535]) {
    const frame = clientFrame("x".repeat(length));
    const header = clientHeaderBytes(length);
    assert.equal(frame[0], 0x81);
    assert.equal(frame.length, header + length);
    assert.equal((frame[1] ?? 0) & 0x80, 0x80, "masked");
    assert.equal(serverPayloadBytes(frame, 0), length);
    assert.deepEqual([...frame.subarray(header - 4, header)], [0, 0, 0, 0], "mask key");
  }
  assert.equal(clientFrame("", opcodes.pong)[0], 0x8a);
  assert.throws(() => clientFrame("x".repeat(65_536)));
});

Deno.test("A server frame is read whole, and not before its header is there", () => {
  for (const [length, header] of [[0, 2], [125, 2], [126, 4], [65_535, 4], [70_000, 10]] as const) {
    const frame = serverFrame(length);
    for (let have = 0; have < header; have++) assert.equal(serverHeaderBytes(frame, 0, have), 0);
    assert.equal(serverHeaderBytes(frame, 0, header), header);
    assert.equal(serverPayloadBytes(frame, 0), length);
    assert.equal(serverOpcode(frame, 0), opcodes.text);
  }
  assert.throws(() => serverOpcode(new Uint8Array([0x01, 0]), 0), /split/);
});
