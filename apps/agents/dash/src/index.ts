export { dash } from './dash.js';
