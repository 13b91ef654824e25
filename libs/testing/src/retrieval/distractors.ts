// Texts that lie beside those that are looked for: the same world of tasks, data, customers and machines, other facts.

const places = ['Oslo', 'Lima', 'Porto', 'Krakow', 'Tampere', 'Osaka', 'Leeds', 'Graz', 'Dakar', 'Perth', 'Quito'];
const people = ['Anna', 'Bilal', 'Chen', 'Dora', 'Emeka', 'Fatima', 'Goran', 'Hana', 'Ivo', 'Julia', 'Kofi', 'Lena'];
const teams = ['logistics', 'design', 'research', 'purchasing', 'security', 'training', 'quality', 'marketing'];
const systems = ['ledger', 'catalogue', 'scheduler', 'mailer', 'crawler', 'gateway', 'archive', 'planner', 'inventory'];
const goods = [
  'chairs',
  'lamps',
  'bicycles',
  'tents',
  'coffee',
  'tea',
  'paint',
  'tiles',
  'batteries',
  'books',
  'seeds',
];
const months = ['January', 'February', 'April', 'May', 'July', 'August', 'September', 'October', 'November'];
const numbers = ['two', 'four', 'eleven', 'twenty', 'thirty-five', 'eighty', 'three hundred', 'twelve hundred'];
const formats = ['Parquet', 'JSON', 'spreadsheet', 'XML', 'plain text', 'PDF'];

type Words = Readonly<Record<'place' | 'person' | 'team' | 'system' | 'good' | 'month' | 'number' | 'format', string>>;

const sentences: readonly ((w: Words) => string)[] = [
  (w) => `The ${w.team} team moved its stand-up meeting to ${w.place} in ${w.month}.`,
  (w) => `${w.person} wrote the first version of the ${w.system} in ${w.month}.`,
  (w) => `Exports of the ${w.system} are available as ${w.format} since ${w.month}.`,
  (w) => `The shop in ${w.place} sold ${w.number} ${w.good} in ${w.month}.`,
  (w) => `A new colleague from ${w.place} joins the ${w.team} team in ${w.month}.`,
  (w) => `The ${w.system} was migrated to a new region near ${w.place}.`,
  (w) => `${w.person} asked for a list of all ${w.good} that are stored in ${w.place}.`,
  (w) => `Version ${w.number} of the ${w.system} removes the setting for ${w.format} files.`,
  (w) => `The survey among buyers of ${w.good} had ${w.number} answers.`,
  (w) => `The price of ${w.good} in ${w.place} went up by ${w.number} cents.`,
  (w) => `Two dashboards of the ${w.team} team show the same figure for ${w.good}.`,
  (w) => `The ${w.system} writes ${w.number} log lines for each message it gets.`,
  (w) => `${w.person} is the owner of the data set about ${w.good}.`,
  (w) => `The audit of the ${w.team} team found ${w.number} open points.`,
  (w) => `The office in ${w.place} has a meeting room for ${w.number} people.`,
  (w) => `In ${w.month} the ${w.system} ran out of connections during a demonstration.`,
  (w) => `The photo archive about ${w.good} has captions by ${w.person}.`,
  (w) => `The ${w.team} team writes its minutes as ${w.format}.`,
  (w) => `A truck with ${w.good} needs ${w.number} hours from ${w.place} to the port.`,
  (w) => `${w.person} prepared the slides about the ${w.system} for the conference in ${w.place}.`,
  (w) => `The heating in the building at ${w.place} was repaired in ${w.month}.`,
  (w) => `The ${w.system} groups ${w.good} by weight, not by colour.`,
  (w) => `The average order of ${w.good} has ${w.number} items.`,
  (w) => `Feedback on the ${w.system} is collected by ${w.person} in a shared document.`,
  (w) => `The ${w.team} team tests ${w.number} ideas per quarter.`,
  (w) => `The catalogue of ${w.good} is translated by an agency in ${w.place}.`,
  (w) => `The ${w.format} parser of the ${w.system} accepts comments.`,
  (w) => `${w.person} visited the supplier of ${w.good} in ${w.place}.`,
  (w) => `The training about the ${w.system} takes ${w.number} minutes.`,
  (w) => `Returned ${w.good} are inspected by the ${w.team} team.`,
  (w) => `The ${w.system} shows a map of ${w.place} on its start page.`,
  (w) => `In ${w.month}, ${w.person} counted ${w.number} duplicates in the ${w.system}.`,
  (w) => `The competitor in ${w.place} offers ${w.good} with free assembly.`,
  (w) => `The ${w.team} team has a budget for ${w.number} licences.`,
  (w) => `The sample of ${w.good} from ${w.place} did not pass the drop test.`,
  (w) => `${w.person} suggested to rename the ${w.system}.`,
  (w) => `Interviews about ${w.good} were recorded in ${w.place} and are kept as ${w.format}.`,
  (w) => `The ${w.system} uses ${w.number} threads on the new machine.`,
  (w) => `The newsletter of ${w.month} features ${w.good} from ${w.place}.`,
  (w) => `The ${w.team} team answers questions about ${w.good} in a channel of its own.`,
  (w) => `The trial of the ${w.system} in ${w.place} was extended to ${w.month}.`,
  (w) => `${w.person} and the ${w.team} team agreed on ${w.number} milestones.`,
  (w) => `The packaging of ${w.good} is recycled in ${w.place}.`,
  (w) => `A chart about ${w.good} in the ${w.month} report has a broken axis.`,
  (w) => `The ${w.system} depends on a library that ${w.person} maintains.`,
  (w) => `The stand at the fair in ${w.place} had ${w.number} visitors who asked for ${w.good}.`,
  (w) => `The ${w.system} accepts uploads in ${w.format} of up to ${w.number} megabytes.`,
  (w) => `The lease of the storage room for ${w.good} in ${w.place} was signed by ${w.person}.`,
];

// Marsaglia's xorshift32.
const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
};

/** @returns `count` different texts, the same ones for the same seed; every kind of sentence in turn */
export const distractors = (count: number, seed = 1): string[] => {
  const random = randomOf(seed);
  const one = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
  const texts = new Set<string>();
  for (let turn = 0; texts.size < count; turn += 1) {
    const sentence = sentences[turn % sentences.length];
    if (sentence === undefined) throw new Error('no sentences');
    texts.add(
      sentence({
        place: one(places),
        person: one(people),
        team: one(teams),
        system: one(systems),
        good: one(goods),
        month: one(months),
        number: one(numbers),
        format: one(formats),
      }),
    );
  }
  return [...texts];
};
