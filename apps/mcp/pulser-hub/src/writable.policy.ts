// What may be changed through the tools, whatever the key may do.
import { ToolError } from '@pulser/mcp-server-kit';

// Rights, code that Odoo runs, its settings and add-ons: to write there is to become its administrator.
const closed = /^(ir|base)\.|^res\.(users|groups|config)(\.|$)|^mail\.alias$|^bus\.|^payment\.provider$/;

/** @throws ToolError refused */
export const checkWritable = (model: string): void => {
  if (closed.test(model)) throw new ToolError('refused', `Records of ${model} are not changed by tools`);
};

/**
 * Whether `model.method` is one of a list with commas between them.
 * @throws ToolError refused; not_configured is the caller's
 */
export const checkMethod = (model: string, method: string, allowed: string): void => {
  checkWritable(model);
  const names = allowed.split(',').map((name) => name.trim());
  if (method.startsWith('_') || !names.includes(`${model}.${method}`))
    throw new ToolError('refused', `${model}.${method} is not one of ODOO_METHODS`);
};
