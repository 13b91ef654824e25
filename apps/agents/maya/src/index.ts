export { maya } from './maya.js';
