export { github } from './server.js';
