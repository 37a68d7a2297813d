/** How this program runs a command of its own in another process. */
export function ownCommand(args: readonly string[]): {
  readonly path: string;
  readonly args: string[];
} {
  const path = Deno.execPath();
  if (Deno.build.standalone) return { path, args: [...args] };
  return { path, args: ["run", "-A", Deno.mainModule, ...args] };
}
