import { Button as AriaButton } from 'react-aria-components/Button';

import { Icon } from '../../ui/icon.js';
import { counted } from '../../ui/numbers.policy.js';
import type { Noun } from './payload-sides.js';
import type { PayloadProblem } from './pointer.policy.js';

const refusals: Readonly<Record<Noun, string>> = {
  payload: 'The payload was refused',
  arguments: 'The arguments were refused',
};

interface ProblemListProps {
  readonly noun?: Noun;
  readonly problems: readonly PayloadProblem[];
  /** Whether the API has refused the payload for them; else they are what the page knows of the schema. */
  readonly isRefused: boolean;
}

/** Brings the focus to the field of a member, or to the nearest one around it. */
const goTo = (pointer: string): void => {
  const members = [...document.querySelectorAll<HTMLElement>('[data-pointer]')];
  for (let place = pointer; ; place = place.slice(0, place.lastIndexOf('/'))) {
    const member = members.findLast(({ dataset }) => dataset['pointer'] === place);
    const field = member?.querySelector<HTMLElement>('input, textarea, button');
    if (field) {
      field.focus();
      field.scrollIntoView({ block: 'center' });
      return;
    }
    if (place === '') return;
  }
};

/** What is wrong in the payload, also what has no field of its own. Each leads to its field. */
export const ProblemList = ({ noun = 'payload', problems, isRefused }: ProblemListProps) =>
  problems.length === 0 ? null : (
    <div className={isRefused ? 'note note-bad' : 'note note-warn'} role={isRefused ? 'alert' : 'note'}>
      <Icon name="alert" />
      <div>
        <strong>{isRefused ? refusals[noun] : `${counted(problems.length, 'problem')} in the ${noun}`}</strong>
        <ul className="problems">
          {problems.map(({ pointer, detail }) => (
            <li key={`${pointer} ${detail}`}>
              <AriaButton
                className="problem-link mono"
                onPress={() => {
                  goTo(pointer);
                }}
              >
                {pointer === '' ? '/' : pointer}
              </AriaButton>{' '}
              {detail}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
