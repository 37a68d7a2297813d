import type { AgentPresence } from "./presence.ts";

/** What of an agent decides when its turn is. */
export type Turner = Pick<AgentPresence, "agentId" | "onlineSince" | "round">;

/**
 * Whose turn it is, in the order of coming online, round after round. Each agent knows the round in
 * which its next turn is; the site knows whose turn was the last. [RT5]
 */
export class RoundRobin {
  #round = 0;
  #since = 0;
  #agentId = "";

  /**
   * The round of the next turn of an agent that comes, or comes back from being full or away: at
   * its place in this round if that is still ahead, else in the next. What it missed is not made up
   * for.
   */
  nextRound(agent: Turner): number {
    const isPassed = !this.#isAhead(agent);
    return Math.max(agent.round, isPassed ? this.#round + 1 : this.#round);
  }

  /** The agent has its turn: everything goes on behind it. */
  take(agent: Turner): void {
    const { round, onlineSince, agentId } = agent;
    if (round > this.#round || (round === this.#round && this.#isAhead(agent))) {
      this.#round = round;
      this.#since = onlineSince;
      this.#agentId = agentId;
    }
    this.skip(agent);
  }

  /** The agent was given a chat out of turn: that was its turn of the round. */
  skip(agent: Turner): void {
    agent.round = Math.max(agent.round, this.#round) + 1;
  }

  #isAhead({ onlineSince, agentId }: Turner): boolean {
    return onlineSince > this.#since ||
      (onlineSince === this.#since && agentId > this.#agentId);
  }
}
