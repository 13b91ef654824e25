// What is suspicious about a definition, in words.

const texts: Readonly<Record<string, string>> = {
  invisible_characters: 'It has characters that no screen shows.',
  bidirectional_controls: 'It has characters that show its text in another order than it is read in.',
  tag_characters: 'It has text in characters that no screen shows, which models read.',
  control_characters: 'It has control characters.',
  mixed_scripts: 'It has words with letters of two alphabets that look alike.',
  hidden_markup: 'It has markup that would not be shown.',
  instructions: 'It tells a model what to do, instead of saying what the tool does.',
  encoded_text: 'It has a long text that is encoded.',
  very_long: 'It is longer than any description needs to be.',
};

/** One that this build does not know is shown by its name. */
export const warningText = (warning: string): string => texts[warning] ?? warning;
