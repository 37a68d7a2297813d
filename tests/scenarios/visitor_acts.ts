import { assert } from "../../core/assert.ts";
import type { BanTarget } from "../../core/ban.ts";
import { chatIdSchema, invitationIdSchema, type VisitorId } from "../../core/ids.ts";
import type { ListName } from "../../core/presence.ts";
import type { Person } from "./person.ts";
import type { World } from "./world.ts";

type Act = (world: World, person: Person, argument: string) => void;

/** What visitors do besides chatting; none of it asks for a chat. */
export const visitorActs: Readonly<Record<string, Act>> = {
  visits: (_, person, address) => {
    if (address !== "") person.page.address = address;
    person.connect();
  },
  views: (_, person, url) => person.send("views", { type: "view_page", url, title: "" }),
  tells: (world, person, text) => {
    const variables = Object.fromEntries([text.split("=")]);
    const commandId = world.bench.ids.command();
    person.send("tells", { type: "set_variables", commandId, variables });
  },
  signs: (world, person, how) => {
    const { connection } = person.page;
    assert(connection !== undefined, `${person.name} is connected`);
    const commandId = world.bench.ids.command();
    person.labels.set(commandId, "signs in");
    const signedIn = how === "in"
      ? { userId: person.name, name: person.name.toUpperCase(), fields: {} }
      : { fault: "exp: the token has expired" };
    world.bench.handle({ type: "visitor_signed_in", connection, commandId, signedIn });
  },
  sees: (world, person) => answer(world, person, "shown"),
  declines: (world, person) => answer(world, person, "refused"),
  takes: (world, person) => {
    answer(world, person, "accepted");
    const commandId = world.bench.ids.command();
    person.chatId = chatIdSchema.parse(commandId);
    person.send("takes", { type: "request_chat", commandId, ...invitationOf(world, person) });
  },
};

function answer(world: World, person: Person, what: "shown" | "accepted" | "refused"): void {
  const commandId = world.bench.ids.command();
  const invitation = invitationOf(world, person);
  person.send(what, { type: "answer_invitation", commandId, answer: what, ...invitation });
}

/** The invitation that stands, or one that does not. */
function invitationOf(world: World, person: Person) {
  const open = world.bench.site.state.visitors.get(visitorIdOf(person))?.invitation;
  return { invitationId: open?.invitationId ?? invitationIdSchema.parse("none") };
}

function visitorIdOf({ page: { session }, name }: Person): VisitorId {
  assert(session.type === "visitor", `${name} is a visitor`);
  return session.visitorId;
}

/** What agents do about visitors. */
export const staffActs: Readonly<Record<string, Act>> = {
  watches: (_, person, text) => {
    // The scenario names lists.
    const lists = text.split(" ") as ListName[];
    person.send("watches", { type: "subscribe", lists });
  },
  invites: (world, person, name) => {
    const commandId = world.bench.ids.command();
    const visitorId = visitorIdOf(world.visitor(name));
    person.send("invites", { type: "invite_visitor", commandId, visitorId, text: "May I help?" });
  },
  bans: (world, person, whom) => {
    const commandId = world.bench.ids.command();
    const target: BanTarget = world.people.has(whom)
      ? { type: "visitor", visitorId: visitorIdOf(world.visitor(whom)) }
      : { type: "address", address: whom };
    person.send("bans", { type: "ban", commandId, target });
  },
  lifts: (world, person) => {
    const [ban] = [...world.bench.site.state.bans.all()].slice(-1);
    const commandId = world.bench.ids.command();
    person.send("lifts", { type: "lift_ban", commandId, banId: ban?.banId ?? "none" });
  },
  studies: (world, person, name) =>
    person.send("studies", { type: "get_visitor", visitorId: visitorIdOf(world.visitor(name)) }),
  notices: (world, person, text) => {
    const [name = "", value = ""] = text.split(": ");
    const commandId = world.bench.ids.command();
    const visitorId = visitorIdOf(world.visitor(name));
    person.send("notices", { type: "set_visitor", commandId, visitorId, name: value });
  },
};
