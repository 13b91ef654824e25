// The text of a model as lines of the task, while it comes: gathered, because a line is a row.
import type { TaskContext } from '../skills/task-context.js';

const everyMs = 400;
const maxCharacters = 1_500;

/** Of one step. */
export class StreamedLines {
  private text = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly log: TaskContext['log'],
    private readonly step: number,
  ) {}

  add(text: string): void {
    this.text += text;
    if (this.text.length >= maxCharacters) this.flush();
    else
      this.timer ??= setTimeout(() => {
        this.flush();
      }, everyMs);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.text === '') return;
    this.log('info', this.text, { from: 'model', step: this.step });
    this.text = '';
  }
}
