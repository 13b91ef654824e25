import { completedIn } from './pulser.contestant.js';

describe('completedIn', () => {
  it('adds up what was completed, of every type, and nothing else', () => {
    const text = `# HELP pulser_task_attempts_total Attempts that ended, by outcome
pulser_task_attempts_total{agent="echo",task_type="testing",outcome="completed"} 41
pulser_task_attempts_total{agent="echo",task_type="analytics",outcome="completed"} 1
pulser_task_attempts_total{agent="echo",task_type="testing",outcome="failed"} 7
pulser_task_duration_seconds_count{agent="echo",task_type="testing"} 49
`;
    expect(completedIn(text)).toBe(42);
    expect(completedIn('')).toBe(0);
  });
});
