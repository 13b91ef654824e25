export { superset } from './server.js';
