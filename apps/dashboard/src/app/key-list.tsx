// What `?` shows.
import './palette.css';

import { Dialog } from '../ui/dialog.js';
import { Keys } from '../ui/keys.js';
import { useKeyGroups } from './keyboard.js';

interface KeyListProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Every key that can be pressed here and now. */
export const KeyList = ({ isOpen, onClose }: KeyListProps) => {
  const all = useKeyGroups();
  const shown = [...Map.groupBy(all, ({ title }) => title)];
  return (
    <Dialog title="Keys" isOpen={isOpen} onClose={onClose} isWide>
      <div className="key-list">
        {shown.map(([title, of]) => (
          <section key={title} className="key-group">
            <h3>{title}</h3>
            <ul className="key-rows">
              {of
                .flatMap(({ bindings }) => bindings)
                .filter(({ isHidden = false }) => !isHidden)
                .map(({ keys, label }) => (
                  <li key={keys} className="key-row">
                    <span>{label}</span>
                    <Keys keys={keys} />
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
};
