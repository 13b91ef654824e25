import { type Query, urlOf } from '../api/client.js';
import { Button } from './button.js';
import { Menu, MenuItem } from './menu.js';

interface ExportMenuProps {
  /** Of the list in the API: `/api/v1/tasks`. */
  readonly path: string;
  /** The filters of the list as it is shown, without its cursor. */
  readonly query?: Query;
}

/** Saves a whole list, with its filters, as CSV or NDJSON: the server writes the file while it reads. */
export const ExportMenu = ({ path, query = {} }: ExportMenuProps) => (
  <Menu label="Export" trigger={<Button icon="download">Export</Button>}>
    <MenuItem icon="download" href={urlOf(path, { ...query, format: 'csv' })} isDownload>
      CSV
    </MenuItem>
    <MenuItem icon="download" href={urlOf(path, { ...query, format: 'ndjson' })} isDownload>
      NDJSON
    </MenuItem>
  </Menu>
);
