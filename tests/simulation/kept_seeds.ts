/**
 * Seeds that showed a defect, by what was wrong. They always run, whatever range is asked for.
 * Whoever changes what a world draws from its seed has to look for them anew: a change of the
 * simulation, run against the commit before the fix, says which seeds show it now.
 */
export const keptSeeds: Readonly<Record<string, number>> = {
  "a noun that was gone and came back is deleted with the word that it was gone": 55,
  "one wake decides more than a record of the journal takes": 19,
  // Of worlds before those with departments, offers and bots: kept until they are looked for anew.
  "one event decides more than a record of the journal takes": 999,
  "the nouns of a site that is void are saved beside another site's commit": 23,
  "a commit fails and is on disk, and another site's commit passes it before it is read": 78,
  "segments that a failed commit left behind are written over after the rebuild": 18,
  "the site wakes to its deadlines before the node knows that it stood still": 332,
  "the wall clock is set back, and the site's time stands still for as long": 11,
  "a console is shown a waiting chat between two pushes, and never that it is gone": 422,
  "a page of an ended chat is lost, and never asked for again": 50,
  "twenty long chats on a slow link are taken for lost ones, again and again": 9,
  "the hello of an older socket comes late and throws out the newer one": 40,
  "an older console comes back by itself and throws out the newer one": 118,
  "a console that is gone locks out the only one that is left": 95,
};
