export { kubernetes } from './server.js';
