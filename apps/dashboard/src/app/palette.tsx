// Ctrl-K: pages, ids and actions in one list.
import './palette.css';

import { useId, useMemo, useRef, useState } from 'react';
import { Dialog } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';

import { Icon } from '../ui/icon.js';
import { Keys } from '../ui/keys.js';
import { type Command, type CommandGroup, useAllCommands } from './commands.js';
import { useNamedPlaces } from './named-places.js';
import { fitOf, idOf } from './palette.policy.js';

interface Found extends Command {
  readonly group: string;
  readonly place: string;
}

const flat = (groups: readonly CommandGroup[]): Found[] =>
  groups.flatMap(({ title, commands }, index) =>
    commands.map((command) => ({ ...command, group: title, place: `${index}-${command.id}` })),
  );

const maxShown = 60;

/** What fits best first; without a word all of it, in the order of the pages. */
const matching = (typed: string, all: readonly Found[]): readonly Found[] => {
  if (typed.trim() === '') return all.slice(0, maxShown);
  return all
    .map((command) => ({ command, fit: fitOf(typed, `${command.title} ${command.group} ${command.words ?? ''}`) }))
    .filter((one): one is { command: Found; fit: number } => one.fit !== undefined)
    .sort((a, b) => b.fit - a.fit)
    .slice(0, maxShown)
    .map(({ command }) => command);
};

/** Commands for what was typed itself: an id, a search. */
export type TypedCommands = (typed: string, id: string | undefined) => readonly Command[];

interface PaletteProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly typedCommands: TypedCommands;
}

export const Palette = ({ isOpen, onClose, typedCommands }: PaletteProps) => (
  <ModalOverlay
    className="modal-overlay"
    isDismissable
    isOpen={isOpen}
    onOpenChange={(open) => {
      if (!open) onClose();
    }}
  >
    <Modal className="modal palette-modal">
      <Dialog className="palette" aria-label="Commands">
        <PaletteBody onClose={onClose} typedCommands={typedCommands} />
      </Dialog>
    </Modal>
  </ModalOverlay>
);

const PaletteBody = ({ onClose, typedCommands }: Omit<PaletteProps, 'isOpen'>) => {
  const registered = useAllCommands();
  const [typed, setTyped] = useState('');
  const named = useNamedPlaces(typed);
  const [active, setActive] = useState(0);
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const found = useMemo(() => {
    const own = typed.trim() === '' ? [] : typedCommands(typed.trim(), idOf(typed));
    const first = own.map((command) => ({ ...command, group: 'Go to', place: `typed-${command.id}` }));
    const others = matching(typed, flat([...registered, ...named]));
    return idOf(typed) === undefined ? [...others, ...first] : [...first, ...others];
  }, [registered, named, typed, typedCommands]);
  const chosen = Math.min(active, found.length - 1);

  const run = (command: Found | undefined): void => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  const move = (to: number): void => {
    if (found.length === 0) return;
    const next = (to + found.length) % found.length;
    setActive(next);
    list.current?.querySelector(`[data-index="${next}"]`)?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const steps: Readonly<Record<string, () => void>> = {
      ArrowDown: () => {
        move(chosen + 1);
      },
      ArrowUp: () => {
        move(chosen - 1);
      },
      Home: () => {
        move(0);
      },
      End: () => {
        move(found.length - 1);
      },
      Enter: () => {
        run(found[chosen]);
      },
    };
    const step = event.nativeEvent.isComposing ? undefined : steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    step();
  };

  return (
    <>
      <div className="palette-field">
        <Icon name="search" />
        <input
          className="palette-input"
          role="combobox"
          aria-label="Search pages, ids and actions"
          aria-expanded="true"
          aria-controls={listId}
          aria-autocomplete="list"
          {...(found[chosen] && { 'aria-activedescendant': `${listId}-${chosen}` })}
          placeholder="Page, action or id"
          autoComplete="off"
          spellCheck={false}
          autoFocus
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
        <Keys keys="escape" />
      </div>
      <div className="palette-list" role="listbox" id={listId} aria-label="Commands" ref={list} tabIndex={-1}>
        {found.map((command, index) => (
          <div
            key={command.place}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === chosen}
            data-index={index}
            className="palette-item"
            onPointerMove={() => {
              if (index !== chosen) setActive(index);
            }}
            onClick={() => {
              run(command);
            }}
          >
            <Icon name={command.icon ?? 'arrow'} />
            <span className="palette-title truncate">{command.title}</span>
            {command.hint !== undefined && <span className="palette-hint truncate">{command.hint}</span>}
            <span className="palette-group">{command.group}</span>
            {command.keys !== undefined && <Keys keys={command.keys} />}
          </div>
        ))}
      </div>
      {found.length === 0 && (
        <p className="palette-empty" role="status">
          Nothing has this name.
        </p>
      )}
    </>
  );
};
