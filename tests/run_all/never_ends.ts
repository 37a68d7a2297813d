// A step for step_test.ts: it ends neither by itself nor when told to, and has a child that holds
// its output open.
new Deno.Command("sleep", { args: ["600"], stdout: "inherit" }).spawn();
Deno.addSignalListener("SIGTERM", () => {});
setInterval(() => {}, 60_000);
