export { docker } from './server.js';
